namespace Fibril.Broker.Queues.Replay;

/// <summary>What becomes of a dead letter when its copy is back in the queue that it came from.</summary>
internal enum ReplayMode
{
    /// <summary>It stays as it is, so that replaying it twice makes two copies (D-63).</summary>
    Copy,

    /// <summary>It is settled when the copy is durable: a crash in between leaves both, and never neither.</summary>
    Move,
}
