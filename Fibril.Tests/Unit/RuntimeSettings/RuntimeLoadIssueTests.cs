using Fibril.Broker.RuntimeSettings;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.RuntimeSettings;

/// <summary>A stored document that cannot be read (configuration.md, section 7.5).</summary>
public sealed class RuntimeLoadIssueTests
{
    private readonly RuntimeSettingsHarness _broker = new();

    [Fact] // K-9
    public void A_document_that_cannot_be_read_leaves_the_seed_in_effect_and_is_reported_and_kept()
    {
        DamageVersion2();
        byte[] damaged = _broker.Disk.Content()[_broker.Files[^1]];
        RuntimeSettingsStore store = _broker.Start(static seed => seed.Delivery.ExpiryBatchCount = 7);
        Assert.Equal(2, store.Current.Version);
        Assert.Equal(2, store.Current.LoadIssue?.Version);
        Assert.Contains("the checksum does not match", store.Current.LoadIssue!.Message, StringComparison.Ordinal);
        Assert.Equal((7, 7), (store.Value("delivery", "expiry_batch_max"), _broker.Options.Delivery.ExpiryBatchCount));
        Assert.Contains(_broker.Log.Lines, static line => line.Level == LogLevel.Error && line.Text.Contains("Version 2", StringComparison.Ordinal));
        Assert.Equal(damaged, _broker.Disk.Content()[_broker.Files[^1]]);
        Assert.NotNull(_broker.Start().Current.LoadIssue);
    }

    [Fact] // K-9, 7.5
    public void An_update_that_names_its_version_replaces_it()
    {
        DamageVersion2();
        RuntimeSettingsStore store = _broker.Start(static seed => seed.Delivery.InflightTtl(11));
        Assert.Equal(UpdateOutcome.Conflict, store.Put("""{ "delivery": { "expiry_batch_max": 9 } }""", expected: 1).Outcome);
        RuntimeSettingsUpdate update = store.Put("""{ "delivery": { "expiry_batch_max": 9 } }""", expected: 2);
        Assert.Equal((UpdateOutcome.Updated, 3), (update.Outcome, update.Current.Version));
        Assert.Null(update.Current.LoadIssue);

        RuntimeSettingsStore after = _broker.Start();
        Assert.Null(after.Current.LoadIssue);
        Assert.Equal((3, 9, 11), (after.Current.Version, after.Value("delivery", "expiry_batch_max"), after.Value("delivery", "inflight_ttl_ms")));
    }

    [Fact] // 13: reset of a corrupt document
    public void The_version_before_it_can_still_be_gone_back_to()
    {
        _broker.Start(static seed => seed.Delivery.ExpiryBatchCount = 3).Put("""{ "delivery": { "expiry_batch_max": 5 } }""");
        _broker.Disk.Corrupt(_broker.Files[^1], position: 25, xor: 1);
        RuntimeSettingsStore store = _broker.Start();
        Assert.Equal([1L], store.History.Select(static version => version.Version));
        Assert.Equal(UpdateOutcome.Updated, store.TryReset(2, ResetTarget.Version(1), "ann").Outcome);
        Assert.Equal(3, store.Value("delivery", "expiry_batch_max"));
        Assert.Equal([3L, 1], _broker.Start().History.Select(static version => version.Version));
    }

    [Fact] // K-9
    public void A_document_is_reported_also_when_all_there_is_cannot_be_read()
    {
        DamageVersion2();
        foreach (string file in _broker.Files.SkipLast(1)) _broker.Disk.Corrupt(file, position: 25, xor: 1);
        RuntimeSettingsStore store = _broker.Start();
        Assert.Equal(2, store.Current.LoadIssue?.Version);
        Assert.Empty(store.History);
        Assert.Equal(UpdateOutcome.Updated, store.TryReset(2, ResetTarget.Seed, "ann").Outcome);
        Assert.Null(_broker.Start().Current.LoadIssue);
    }

    [Fact] // K-9: decoded and not valid
    public void A_stored_value_beyond_its_range_is_an_issue()
    {
        _broker.Start().Put("""{ "stream": { "cursor_commit_max_batch": 1111 } }""");
        _broker.Disk.Replace("\"cursor_commit_max_batch\":1111", "\"cursor_commit_max_batch\":9999", _broker.Files[^1]);
        RuntimeSettingsStore store = _broker.Start();
        Assert.Contains("stream.cursor_commit_max_batch is 9999, not a whole number from 1 to 4096", store.Current.LoadIssue?.Message, StringComparison.Ordinal);
        Assert.Equal(1024, store.Value("stream", "cursor_commit_max_batch"));
    }

    [Fact]
    public void An_earlier_version_beyond_its_range_is_only_forgotten()
    {
        RuntimeSettingsStore store = _broker.Start();
        store.Put("""{ "stream": { "cursor_commit_max_batch": 1111 } }""");
        store.Put("""{ "stream": { "cursor_commit_max_batch": 5 } }""");
        _broker.Disk.Replace("\"cursor_commit_max_batch\":1111", "\"cursor_commit_max_batch\":9999", _broker.Files[^1]);
        RuntimeSettingsStore after = _broker.Start();
        Assert.Null(after.Current.LoadIssue);
        Assert.Equal([3L, 1], after.History.Select(static version => version.Version));
    }

    private void DamageVersion2()
    {
        _broker.Start().Put("""{ "delivery": { "expiry_batch_max": 5 } }""");
        _broker.Disk.Corrupt(_broker.Files[^1], position: 25, xor: 1);
    }
}

internal static class RuntimeSettingsDamage
{
    public static void InflightTtl(this Fibril.Broker.Queues.DeliveryOptions options, int milliseconds) =>
        options.LeaseDuration = TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Changes text in a snapshot file, with a checksum that fits: a document that somebody meant.</summary>
    public static void Replace(this SimulatedFileSystem disk, string from, string to, string path)
    {
        byte[] content = disk.Content()[path];
        int at = content.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(from));
        Assert.True(at > 0, $"{from} is not in {path}");
        byte[] payload = content[20..];
        System.Text.Encoding.UTF8.GetBytes(to).CopyTo(payload, at - 20);
        string folder = Path.GetDirectoryName(path)!;
        long number = long.Parse(Path.GetFileNameWithoutExtension(path).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
        disk.DeleteFile(path);
        Fibril.Broker.Log.SnapshotFile.Save(disk, folder, number, payload, previous: number - 1);
    }
}
