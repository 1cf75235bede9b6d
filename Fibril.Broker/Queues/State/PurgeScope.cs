namespace Fibril.Broker.Queues.State;

/// <summary>Which messages a purge removes. Those that a consumer holds never.</summary>
[Flags]
internal enum PurgeScope
{
    Ready = 1,
    Delayed = 2,

    /// <summary>Those that wait for their copy to the dead-letter target, too.</summary>
    All = 7,
}
