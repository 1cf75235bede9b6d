namespace Fibril.Broker.Channels.Slots;

/// <summary>What an attempt to unload a partition came to: done, or the first reason against it (I-11).</summary>
/// <remarks>A delivery tag lives as long as the lease of its message, so there is one reason for both: messages in flight.</remarks>
internal enum UnloadOutcome
{
    Unloaded,
    Disabled,
    NotTracked,
    ActiveSubscribers,
    ActivePublishers,
    NotIdleLongEnough,
    PendingSettlements,
    StorageInflight,
    LeaseRace,
    StorageRace,
    AlreadyUnloaded,
}

/// <summary>The stable names that operators see (I-11).</summary>
internal static class UnloadOutcomes
{
    public static string NameOf(UnloadOutcome outcome) => outcome switch
    {
        UnloadOutcome.Unloaded => "unloaded",
        UnloadOutcome.Disabled => "disabled",
        UnloadOutcome.NotTracked => "not_tracked",
        UnloadOutcome.ActiveSubscribers => "active_subscribers",
        UnloadOutcome.ActivePublishers => "active_publishers",
        UnloadOutcome.NotIdleLongEnough => "not_idle_long_enough",
        UnloadOutcome.PendingSettlements => "pending_settlements",
        UnloadOutcome.StorageInflight => "storage_inflight",
        UnloadOutcome.LeaseRace => "lease_race",
        UnloadOutcome.StorageRace => "storage_race",
        UnloadOutcome.AlreadyUnloaded => "already_unloaded",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
