namespace Fibril.Broker.Log;

/// <summary>What a log holds. Numbers stand in segment headers: append only.</summary>
internal enum LogKind : byte
{
    /// <summary>What was published. Every write is synced before anyone is told.</summary>
    Messages = 1,

    /// <summary>What happened to messages later. Written at once, synced on request.</summary>
    Events = 2,

    /// <summary>Which channels are declared. Every write is synced.</summary>
    Catalogue = 3,
}
