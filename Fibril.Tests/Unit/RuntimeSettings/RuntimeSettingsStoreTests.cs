using System.Text.Json;
using Fibril.Broker.RuntimeSettings;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.RuntimeSettings;

/// <summary>One document with a version: who seeds it, who may change it, and what outlives a start (configuration.md, sections 6 and 7).</summary>
public sealed class RuntimeSettingsStoreTests
{
    private readonly RuntimeSettingsHarness _broker = new();

    [Fact] // K-2, 7.1
    public void The_first_start_stores_its_seed_as_version_1_and_later_seeds_do_nothing()
    {
        RuntimeSettingsStore first = _broker.Start(static seed => seed.Delivery.LeaseDuration = TimeSpan.FromSeconds(7));
        Assert.Equal((1, 7000), (first.Current.Version, first.Value("delivery", "inflight_ttl_ms")));
        Assert.Null(first.Current.LoadIssue);

        RuntimeSettingsStore second = _broker.Start(static seed => seed.Delivery.LeaseDuration = TimeSpan.FromSeconds(9));
        Assert.Equal((1, 7000), (second.Current.Version, second.Value("delivery", "inflight_ttl_ms")));
        Assert.Equal(TimeSpan.FromSeconds(7), _broker.Options.Delivery.LeaseDuration);
        Assert.Equal(9000, second.Seed[RuntimeFields.Get("delivery", "inflight_ttl_ms")]);
        Assert.Contains("runtime_seed says of delivery.inflight_ttl_ms", _broker.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact] // K-2, K-5
    public void A_change_outlives_a_power_loss()
    {
        _broker.Start().Put("""{ "stream": { "cursor_commit_max_batch": 5 } }""");
        var after = new RuntimeSettingsHarness(_broker.Disk.AfterPowerLoss());
        RuntimeSettingsStore store = after.Start();
        Assert.Equal((2, 5), (store.Current.Version, store.Value("stream", "cursor_commit_max_batch")));
        Assert.Equal(5, after.Options.Streams.CursorCommitMaxBatch);
    }

    [Fact] // K-6
    public void An_update_that_names_another_version_than_the_current_one_changes_nothing_and_is_told_what_is_current()
    {
        RuntimeSettingsStore store = _broker.Start();
        Assert.Equal(UpdateOutcome.Updated, store.Put("""{ "delivery": { "expiry_batch_max": 5 } }""", expected: 1).Outcome);
        foreach (long expected in new[] { 0L, 1, 3 })
        {
            RuntimeSettingsUpdate late = store.Put("""{ "delivery": { "expiry_batch_max": 6 } }""", expected);
            Assert.Equal(UpdateOutcome.Conflict, late.Outcome);
            Assert.Equal((2, 5), (late.Current.Version, late.Current.Settings[RuntimeFields.Get("delivery", "expiry_batch_max")]));
        }

        Assert.Equal(5, _broker.Options.Delivery.ExpiryBatchCount);
        Assert.Equal(5, _broker.Start().Value("delivery", "expiry_batch_max"));
    }

    [Fact] // K-6
    public async Task Of_two_that_change_the_same_version_one_wins()
    {
        RuntimeSettingsStore store = _broker.Start();
        UpdateOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(
            () => store.Put($$"""{ "delivery": { "expiry_batch_max": {{number + 1}} } }""", expected: 1).Outcome)));
        Assert.Single(outcomes, UpdateOutcome.Updated);
        Assert.Equal(2, store.Current.Version);
    }

    [Theory] // K-5: what was not sent stays
    [InlineData("""{ "delivery": { "expiry_batch_max": 6 } }""")]
    [InlineData("""{ "delivery": { "expiry_batch_max": 6, "inflight_ttl_ms": null }, "stream": null, "connection": {} }""")]
    [InlineData("""{ "delivery": { "expiry_batch_max": 6, "of_the_future": { "a": [1] } }, "group_of_the_future": 5 }""")]
    public void Fields_that_are_not_sent_keep_their_values_and_unknown_ones_are_passed_over(string json)
    {
        RuntimeSettingsStore store = _broker.Start();
        store.Put("""{ "delivery": { "inflight_ttl_ms": 77, "expiry_batch_max": 5 }, "stream": { "idle_evict_enabled": true }, "connection": { "reconnect_grace_ms": 99 } }""");
        RuntimeSettingsUpdate update = store.Put(json);
        Assert.Equal(UpdateOutcome.Updated, update.Outcome);
        Assert.Equal(["delivery.expiry_batch_max"], update.Changed);
        Assert.Equal(
            (6, 77, 1, 99),
            (store.Value("delivery", "expiry_batch_max"), store.Value("delivery", "inflight_ttl_ms"), store.Value("stream", "idle_evict_enabled"),
                store.Value("connection", "reconnect_grace_ms")));
    }

    [Theory] // 6.2, 6.3, 6.6
    [InlineData("idle_queue_cleanup", "publisher_idle_timeout_ms", 0)]
    [InlineData("connection", "reconnect_grace_ms", 0)]
    [InlineData("connection", "resume_session_restart_ttl_ms", 0)]
    [InlineData("connection", "drain_handoff_timeout_ms", 30_000)]
    [InlineData("consumer_groups", "default_target_per_consumer", 0)]
    public void Null_switches_off_and_is_written_as_null(string group, string name, long means)
    {
        RuntimeSettingsStore store = _broker.Start();
        store.Put($$"""{ "{{group}}": { "{{name}}": 5 } }""");
        Assert.Equal(5, Written(store).GetProperty(group).GetProperty(name).GetInt64());
        store.Put($$"""{ "{{group}}": { "{{name}}": null } }""");
        Assert.Equal(means, store.Value(group, name));
        Assert.Equal(JsonValueKind.Null, Written(store).GetProperty(group).GetProperty(name).ValueKind);
    }

    [Fact] // K-5: the shape of section 6
    public void The_document_has_every_field_with_its_default()
    {
        const string Expected = """
            {"delivery":{"inflight_ttl_ms":30000,"expiry_poll_min_ms":15000,"expiry_batch_max":8192,"delivery_poll_max_ms":5000},
            "idle_queue_cleanup":{"enabled":false,"evict_after_ms":600000,"sweep_interval_ms":60000,"publisher_idle_timeout_ms":null},
            "connection":{"reconnect_grace_ms":5000,"resume_session_restart_ttl_ms":60000,"drain_handoff_timeout_ms":null},
            "replication":{"confirm_timeout_ms":5000,"caught_up_poll_ms":1000,"retry_poll_ms":100,"checkpoint_retry_poll_ms":5000,
            "max_messages_per_read":2048,"max_events_per_read":2048,"max_bytes_per_read":8388608,"max_iterations_per_tick":8,
            "min_in_sync_replicas":1,"isr_timeout_ms":10000,"read_timeout_slack_ms":10000,"owner_connect_timeout_ms":5000,
            "stream_enabled":true,"stream_apply_linger_us":2000,"stream_apply_max_merge_bytes":16777216,"stream_buffer_batches":8},
            "partitioning":{"default_partition_count":1},
            "consumer_groups":{"default_target_per_consumer":null},
            "stream":{"cursor_commit_window_us":100,"cursor_commit_max_batch":1024,"idle_evict_enabled":false,"idle_evict_after_ms":600000,
            "idle_sweep_interval_ms":60000}}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), Written(_broker.Start()).GetRawText());
    }

    [Fact] // admin-api 13.1
    public void The_snapshot_is_written_as_the_admin_api_has_it()
    {
        RuntimeSettingsStore store = _broker.Start(locks: ["stream"]);
        JsonElement json = JsonSerializer.SerializeToElement(store.Current, RuntimeSettingsJson.Default.RuntimeSettingsSnapshot);
        Assert.Equal(["version", "settings", "locks", "load_issue"], json.EnumerateObject().Select(static property => property.Name));
        Assert.Equal(
            """{"delivery":false,"idle_queue_cleanup":false,"connection":false,"replication":false,"partitioning":false,"consumer_groups":false,"stream":true}""",
            json.GetProperty("locks").GetRawText());
    }

    public static TheoryData<string, string> BadValues
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (RuntimeField any in RuntimeFields.All)
            {
                string[] bad = any.Unit == FieldUnit.Boolean
                    ? ["1", "\"true\""]
                    : [$"{any.Min - 1}", $"{any.Max + 1}", "1.5", "1e99", "true", "\"5\"", "[5]", "{}"];
                foreach (string value in bad) data.Add(any.Path, value);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(BadValues))] // K-7, C-06
    public void A_value_that_a_field_cannot_have_changes_nothing_and_is_named(string path, string value)
    {
        RuntimeSettingsStore store = _broker.Start();
        string[] parts = path.Split('.');
        string other = parts[0] == "delivery" ? "stream" : "delivery", otherField = other == "stream" ? "cursor_commit_max_batch" : "expiry_batch_max";
        RuntimeSettingsUpdate update = store.Put($$"""{ "{{parts[0]}}": { "{{parts[1]}}": {{value}} }, "{{other}}": { "{{otherField}}": 5 } }""");
        Assert.Equal(UpdateOutcome.Invalid, update.Outcome);
        SettingProblem problem = Assert.Single(update.Problems);
        Assert.Equal(path, problem.Field);
        Assert.Matches(" (not a whole number|not true or false)", problem.Problem);
        Assert.Equal(1, store.Current.Version);
        Assert.Empty(store.Current.Settings.DifferencesFrom(RuntimeSettingsDocument.Defaults));
        Assert.Equal(1, _broker.Start().Current.Version);
    }

    [Fact] // K-7
    public void Every_problem_is_reported()
    {
        RuntimeSettingsUpdate update = _broker.Start().Put("""{ "delivery": { "expiry_batch_max": 0, "inflight_ttl_ms": "x" }, "stream": 5 }""");
        Assert.Equal(["delivery.inflight_ttl_ms", "delivery.expiry_batch_max", "stream"], update.Problems.Select(static problem => problem.Field));
        Assert.Equal("settings is a list, not an object", $"{Assert.Single(_broker.Start().Put("[]").Problems)}");
    }

    [Fact] // K-7
    public void A_queue_without_a_count_must_be_allowed_its_partitions()
    {
        RuntimeSettingsStore store = _broker.Start(mostPartitions: 4);
        Assert.Equal(UpdateOutcome.Updated, store.Put("""{ "partitioning": { "default_partition_count": 4 } }""").Outcome);
        RuntimeSettingsUpdate update = store.Put("""{ "partitioning": { "default_partition_count": 5 } }""");
        Assert.Equal("partitioning.default_partition_count is 5, and broker.max_partition_count allows 4", $"{Assert.Single(update.Problems)}");
    }

    [Fact] // K-4
    public void A_change_is_on_the_options_before_anybody_hears_of_it()
    {
        RuntimeSettingsStore store = _broker.Start();
        var heard = new List<(long, TimeSpan)>();
        store.Changed += current => heard.Add((current.Version, _broker.Options.Delivery.LeaseDuration));
        store.Put("""{ "delivery": { "inflight_ttl_ms": 7 } }""");
        store.Put("""{ "delivery": { "inflight_ttl_ms": 0 } }""");
        store.Put("""{ "delivery": { "inflight_ttl_ms": 8 } }""", expected: 1);
        Assert.Equal([(2L, TimeSpan.FromMilliseconds(7))], heard);
    }

    [Fact] // K-4, K-5: nothing is left out between the document and the options
    public void Every_field_reaches_its_option_and_comes_back_from_the_disk()
    {
        RuntimeSettingsStore store = _broker.Start();
        RuntimeSettingsDocument other = RuntimeFields.All.Aggregate(RuntimeSettingsDocument.Defaults, static (document, field) =>
            document.With(field, field.Default == field.Max ? field.Default - 1 : field.Default + 1));
        string json = JsonSerializer.Serialize(other, RuntimeSettingsJson.Default.RuntimeSettingsDocument);
        Assert.Equal(RuntimeFields.All.Select(static field => field.Path), store.Put(json).Changed);
        Assert.Empty(RuntimeSettingsDocument.From(_broker.Options).DifferencesFrom(other));
        RuntimeSettingsStore again = _broker.Start();
        Assert.Empty(again.Current.Settings.DifferencesFrom(other));
        Assert.Empty(RuntimeSettingsDocument.From(_broker.Options).DifferencesFrom(other));
    }

    [Fact] // K-6
    public void A_change_that_cannot_be_written_is_none()
    {
        RuntimeSettingsStore store = _broker.Start();
        _broker.Disk.FailNext(DiskOperationKind.Sync);
        Assert.Throws<IOException>(() => store.Put("""{ "delivery": { "expiry_batch_max": 5 } }"""));
        Assert.Equal((1, 8192), (store.Current.Version, _broker.Options.Delivery.ExpiryBatchCount));
        Assert.Equal(UpdateOutcome.Updated, store.Put("""{ "delivery": { "expiry_batch_max": 5 } }""").Outcome);
    }

    [Fact] // K-6, S-27
    public void A_power_loss_at_any_operation_leaves_the_old_document_or_the_new_one()
    {
        RuntimeSettingsStore store = _broker.Start();
        store.Put("""{ "delivery": { "expiry_batch_max": 2 } }""");
        List<SimulatedFileSystem> images = [];
        _broker.Disk.BeforeOperation = _ =>
        {
            images.AddRange([_broker.Disk.AfterKill(), _broker.Disk.AfterPowerLoss()]);
            for (int seed = 0; seed < 4; seed++) images.Add(_broker.Disk.AfterPowerLoss(new Random(seed), SimulatedFileSystem.SectorBytes));
        };
        store.Put("""{ "delivery": { "expiry_batch_max": 3 } }""");
        _broker.Disk.BeforeOperation = null;
        images.Add(_broker.Disk.AfterPowerLoss());

        var found = new HashSet<(long, long)>();
        foreach (SimulatedFileSystem image in images)
        {
            RuntimeSettingsStore after = new RuntimeSettingsHarness(image).Start();
            Assert.Null(after.Current.LoadIssue);
            Assert.Equal(after.Current.Version, after.History.Count);
            found.Add((after.Current.Version, after.Value("delivery", "expiry_batch_max")));
        }

        Assert.Equal([(2, 2), (3, 3)], found.Order());
        Assert.True(images.Count > 20, $"{images.Count} images");
    }

    [Fact] // K-2
    public void A_power_loss_while_the_seed_is_stored_leaves_a_start_that_stores_its_own()
    {
        List<SimulatedFileSystem> images = [];
        _broker.Disk.BeforeOperation = _ => images.AddRange([_broker.Disk.AfterKill(), _broker.Disk.AfterPowerLoss()]);
        _broker.Start(static seed => seed.Delivery.ExpiryBatchCount = 1);
        _broker.Disk.BeforeOperation = null;
        Assert.All(images, static image =>
        {
            RuntimeSettingsStore after = new RuntimeSettingsHarness(image).Start(static seed => seed.Delivery.ExpiryBatchCount = 2);
            Assert.Null(after.Current.LoadIssue);
            Assert.Equal(1, after.Current.Version);
            Assert.InRange(after.Value("delivery", "expiry_batch_max"), 1, 2);
        });
    }

    [Fact] // 13: history
    public void The_last_20_versions_are_kept_with_when_and_who()
    {
        RuntimeSettingsStore store = _broker.Start();
        for (int number = 2; number <= 25; number++)
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            store.Put($$"""{ "delivery": { "expiry_batch_max": {{number}} } }""", actor: $"actor {number}");
        }

        foreach (RuntimeSettingsStore any in new[] { store, _broker.Start() })
        {
            Assert.Equal(Enumerable.Range(6, 20).Reverse().Select(static number => (long)number), any.History.Select(static version => version.Version));
            Assert.Equal((25, "actor 25", 1_024_000), (any.History[0].Version, any.History[0].Actor, any.History[0].AtMs));
            Assert.Equal(6, any.History[^1].Settings[RuntimeFields.Get("delivery", "expiry_batch_max")]);
        }
    }

    [Fact] // 13: reset
    public void Settings_go_back_to_the_seed_to_what_is_built_in_or_to_an_earlier_version()
    {
        _broker.Start(static seed => seed.Delivery.ExpiryBatchCount = 1);
        RuntimeSettingsStore store = _broker.Start(static seed => seed.Delivery.ExpiryBatchCount = 4);
        store.Put("""{ "delivery": { "expiry_batch_max": 2 } }""");
        Assert.Equal(UpdateOutcome.Conflict, store.TryReset(1, ResetTarget.Seed, "ann").Outcome);
        Assert.Equal(UpdateOutcome.UnknownVersion, store.TryReset(2, ResetTarget.Version(3), "ann").Outcome);
        Assert.Equal(2, store.Current.Version);

        (ResetTarget To, long Value)[] resets = [(ResetTarget.Seed, 4), (ResetTarget.Defaults, 8192), (ResetTarget.Version(1), 1), (ResetTarget.Version(2), 2)];
        foreach ((ResetTarget to, long value) in resets)
        {
            RuntimeSettingsUpdate update = store.TryReset(store.Current.Version, to, "ann");
            Assert.Equal((UpdateOutcome.Updated, value), (update.Outcome, store.Value("delivery", "expiry_batch_max")));
            Assert.Equal(value, _broker.Options.Delivery.ExpiryBatchCount);
        }

        Assert.Equal(6, _broker.Start().Current.Version);
    }

    [Fact] // 6.7: schema
    public void The_schema_has_every_field_with_what_is_allowed()
    {
        RuntimeSettingsStore store = _broker.Start(static seed => seed.Resume.ReconnectGrace = TimeSpan.FromMilliseconds(9), ["connection"], mostPartitions: 7);
        Assert.Equal(RuntimeFields.All.Select(static field => field.Path), store.Schema.Select(static row => $"{row.Group}.{row.Name}"));
        JsonElement json = JsonSerializer.SerializeToElement(store.Schema, RuntimeSettingsJson.Default.IReadOnlyListRuntimeFieldSchema);
        JsonElement Row(string name) => json.EnumerateArray().Single(row => row.GetProperty("name").GetString() == name);
        Assert.Equal(
            """{"group":"connection","name":"reconnect_grace_ms","description":"How long a session waits for its client after the connection is gone, with its leases; 0 ends it at once.","type":"integer","unit":"ms","nullable":true,"default":5000,"seed":9,"min":0,"max":3600000,"applies":"next_use","locked":true}""",
            Row("reconnect_grace_ms").GetRawText());
        Assert.Equal("""{"group":"stream","name":"idle_evict_enabled",""", Row("idle_evict_enabled").GetRawText()[..46]);
        Assert.EndsWith(
            "\"type\":\"boolean\",\"unit\":null,\"nullable\":false,\"default\":false,\"seed\":false,\"min\":null,\"max\":null,\"applies\":\"live\",\"locked\":false}",
            Row("idle_evict_enabled").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(7, Row("default_partition_count").GetProperty("max").GetInt32());
        Assert.Equal(JsonValueKind.Null, Row("drain_handoff_timeout_ms").GetProperty("default").ValueKind);
    }

    [Fact]
    public void Who_changed_what_is_logged()
    {
        _broker.Start().Put("""{ "delivery": { "expiry_batch_max": 2 }, "stream": { "idle_evict_enabled": true } }""", actor: "bob");
        Assert.Contains(
            _broker.Log.Lines,
            static line => line.Level == LogLevel.Information
                && line.Text == "bob has set the runtime settings to version 2; changed: delivery.expiry_batch_max, stream.idle_evict_enabled");
    }

    private static JsonElement Written(RuntimeSettingsStore store) =>
        JsonSerializer.SerializeToElement(store.Current.Settings, RuntimeSettingsJson.Default.RuntimeSettingsDocument);
}
