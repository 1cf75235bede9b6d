using Fibril.Broker.RuntimeSettings;

namespace Fibril.Tests.Unit.RuntimeSettings;

/// <summary>Groups that startup configuration locks (configuration.md, section 7.2).</summary>
public sealed class RuntimeLockTests
{
    private const string Cleanup = "idle_queue_cleanup";

    private static readonly string[] Locks = [Cleanup];

    private readonly RuntimeSettingsHarness _broker = new();

    [Fact] // K-8
    public void A_change_to_a_locked_group_is_refused_as_a_whole()
    {
        RuntimeSettingsStore store = _broker.Start(locks: Locks);
        RuntimeSettingsUpdate update = store.Put("""{ "idle_queue_cleanup": { "sweep_interval_ms": 5 }, "delivery": { "expiry_batch_max": 5 } }""");
        Assert.Equal(UpdateOutcome.Locked, update.Outcome);
        Assert.Equal("idle_queue_cleanup is locked by runtime_locks.idle_queue_cleanup of the startup configuration", $"{Assert.Single(update.Problems)}");
        Assert.Equal((1, 8192), (store.Current.Version, store.Value("delivery", "expiry_batch_max")));
        Assert.True(store.Current.Locks[Cleanup]);
        Assert.False(store.Current.Locks["delivery"]);
    }

    [Fact] // K-8
    public void A_whole_document_that_keeps_the_locked_group_changes_the_others()
    {
        RuntimeSettingsStore store = _broker.Start(static seed => seed.IdleQueues.SweepInterval = TimeSpan.FromMilliseconds(9), Locks);
        RuntimeSettingsUpdate update = store.Put(
            """{ "idle_queue_cleanup": { "enabled": false, "evict_after_ms": 600000, "sweep_interval_ms": 9, "publisher_idle_timeout_ms": null }, "delivery": { "expiry_batch_max": 5 } }""");
        Assert.Equal((UpdateOutcome.Updated, 5), (update.Outcome, store.Value("delivery", "expiry_batch_max")));
    }

    [Fact] // K-8, 7.2
    public void The_seed_is_in_effect_while_a_group_is_locked_and_what_is_stored_comes_back_with_the_key()
    {
        _broker.Start().Put("""{ "idle_queue_cleanup": { "sweep_interval_ms": 5 } }""");
        RuntimeSettingsStore locked = _broker.Start(static seed => seed.IdleQueues.SweepInterval = TimeSpan.FromMilliseconds(9), Locks);
        Assert.Equal((2, 9), (locked.Current.Version, locked.Value(Cleanup, "sweep_interval_ms")));
        Assert.Equal(TimeSpan.FromMilliseconds(9), _broker.Options.IdleQueues.SweepInterval);
        Assert.Equal(UpdateOutcome.Updated, locked.Put("""{ "delivery": { "expiry_batch_max": 5 } }""").Outcome);
        Assert.Equal(UpdateOutcome.Updated, locked.TryReset(3, ResetTarget.Defaults, "ann").Outcome);
        Assert.Equal(9, locked.Value(Cleanup, "sweep_interval_ms"));

        RuntimeSettingsStore open = _broker.Start(static seed => seed.IdleQueues.SweepInterval = TimeSpan.FromMilliseconds(11));
        Assert.Equal((4, 5), (open.Current.Version, open.Value(Cleanup, "sweep_interval_ms")));
    }

    [Theory] // one lock for every group
    [MemberData(nameof(Groups))]
    public void Every_group_can_be_locked(string group)
    {
        RuntimeSettingsStore store = _broker.Start(locks: [group]);
        RuntimeField field = RuntimeFields.Of(group).First();
        string value = field.Unit == FieldUnit.Boolean ? "true" : $"{field.Default + 1}";
        Assert.Equal(UpdateOutcome.Locked, store.Put($$"""{ "{{group}}": { "{{field.Name}}": {{value}} } }""").Outcome);
    }

    public static TheoryData<string> Groups => [.. RuntimeFields.Groups];
}
