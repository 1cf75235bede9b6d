namespace Fibril.Broker.Hosting.Configuration;

internal sealed partial class SettingRules
{
    private IEnumerable<Rule> OtherRules =>
    [
        new(CheckPartitionCounts, Settings.DefaultPartitionCount, Settings.MaxPartitionCount),
    ];

    /// <summary>Settings that files of other engines hold: whoever sets one expects something of it.</summary>
    private IEnumerable<string> WithoutEffect
    {
        get
        {
            (string Key, string Why)[] keys =
            [
                (Settings.SyncInterval, "the next commit starts when the one before it has ended, and storage.keratin.min_fsync_interval_ms sets a pause between them"),
                (Settings.BatchLinger, "a batch gathers for as long as the commit before it is in flight"),
                (Settings.PipelineCommitRecords, "all commits are pipelined, and storage.keratin.max_inflight_fsyncs sets how many"),
            ];
            return keys
                .Where(key => sourceOf(key.Key) is not DefaultSource)
                .Select(key => $"{sourceOf(key.Key).Where}: {key.Key} has no effect in this broker: {key.Why}");
        }
    }

    private ConfigurationProblem? CheckPartitionCounts()
    {
        int count = options.Delivery.DefaultPartitionCount, most = options.Sessions.MaxPartitionCount;
        return count <= most ? null : Problem(
            Settings.DefaultPartitionCount, count,
            $"is more than {Settings.MaxPartitionCount} ({most}, {sourceOf(Settings.MaxPartitionCount)}), "
            + "so no queue could be declared without a count",
            $"a number from 1 to {most}", most);
    }
}
