namespace Fibril.Broker.Channels;

/// <summary>A partition that serves nobody, as probes and operators see it.</summary>
internal sealed record OutOfServicePartition(string Topic, string? Group, int Partition, string Reason);
