using Fibril.Broker.Streams;

namespace Fibril.Tests.Support;

/// <summary>A fault that a stream partition does not know, which takes it out of service.</summary>
internal sealed class BrokenStreamCommand : StreamCommand
{
    public override void Apply(StreamPartition partition) => throw new InvalidOperationException("broken on purpose");
}
