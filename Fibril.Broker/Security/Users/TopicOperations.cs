namespace Fibril.Broker.Security.Users;

/// <summary>What can be done with a topic. On disk: append only, never renumber.</summary>
[Flags]
internal enum TopicOperations : byte
{
    None = 0,
    Publish = 1,

    /// <summary>Subscribe to the queue or stream, and settle what it delivers.</summary>
    Consume = 2,

    /// <summary>Declare it, with its partitions, its dead letters and its retention.</summary>
    Manage = 4,

    All = Publish | Consume | Manage,
}
