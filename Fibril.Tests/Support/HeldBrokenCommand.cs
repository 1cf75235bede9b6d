using Fibril.Broker.Queues;

namespace Fibril.Tests.Support;

/// <summary>Holds a partition up until it is released, and takes it out of service then.</summary>
internal sealed class HeldBrokenCommand : QueueCommand, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();

    /// <summary>Completes when the partition is held up.</summary>
    public Task Reached => Patience.Wait(_reached.Task);

    /// <summary>Holds a partition up; completes when it is. The thread that posts may be the one that is held.</summary>
    public Task HoldAsync(QueuePartition partition)
    {
        _ = Task.Run(() => partition.PostAsync(this, CancellationToken.None).AsTask());
        return Reached;
    }

    public void Release() => _released.Set();

    public override void Apply(QueuePartition partition)
    {
        _reached.SetResult();
        _released.Wait();
        throw new InvalidOperationException("broken on purpose");
    }

    public void Dispose() => _released.Dispose();
}
