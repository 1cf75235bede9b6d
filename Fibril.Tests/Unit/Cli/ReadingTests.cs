using System.Text;
using System.Text.Json;
using Fibril.Cli;
using Fibril.Cli.Commands.Bench;
using Fibril.Cli.Commands.Cluster;
using Fibril.Cli.Commands.DeadLetters;
using Fibril.Cli.Commands.Diagnostics;
using Fibril.Cli.Commands.Operations;
using Fibril.Cli.Commands.Settings;
using Fibril.Cli.Commands.Streams;
using Fibril.Cli.Parsing;
using Fibril.Cli.Publishing;
using Fibril.Cli.Views;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Cli;

public sealed class ReadingTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("7", new long[] { 7 })]
    [InlineData("5-8", new long[] { 5, 6, 7, 8 })]
    [InlineData("1, 3-4,9", new long[] { 1, 3, 4, 9 })]
    public void Offsets_are_numbers_and_ranges(string text, long[] offsets)
    {
        Assert.True(OffsetText.TryParse(text, out IReadOnlyList<long> read));
        Assert.Equal(offsets, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("4-2")]
    [InlineData("1,,2")]
    [InlineData("0-10000")]
    [InlineData("0-9223372036854775807")]
    public void Anything_else_is_no_offset(string text) => Assert.False(OffsetText.TryParse(text, out _));

    [Theory]
    [InlineData("15m", "2026-01-01T11:45:00Z")]
    [InlineData("2025-12-31", "2025-12-31T00:00:00Z")]
    [InlineData("2025-12-31T10:00:00+02:00", "2025-12-31T08:00:00Z")]
    public void A_moment_is_how_long_ago_or_a_date(string text, string time)
    {
        Assert.True(Moment.TryParse(text, out Moment moment));
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), moment.Resolve(Time));
    }

    [Theory]
    [InlineData("latest", "Latest")]
    [InlineData("earliest", "Earliest")]
    [InlineData("offset:5", "Offset 5")]
    [InlineData("back:10", "Back 10")]
    public void Positions_in_streams_are_read(string text, string position) =>
        Assert.Equal(position, StreamPositionText.Read(text, Time)!.ToString()!.Replace("ByOffset", "Offset", StringComparison.Ordinal).Replace("NBack", "Back", StringComparison.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("latest:1")]
    [InlineData("offset:-1")]
    [InlineData("offset:x")]
    [InlineData("time:soon")]
    public void Anything_else_is_no_position(string text) => Assert.Null(StreamPositionText.Read(text, Time));

    [Theory]
    [InlineData("delivery.inflight_ttl_ms=45s", "45000")]
    [InlineData("stream.cursor_commit_window_us=2ms", "2000")]
    [InlineData("a.b=12", "12")]
    [InlineData("a.b=true", "true")]
    [InlineData("a.b=null", "null")]
    [InlineData("a.b=45s", "\"45s\"")]
    public void A_setting_is_written_as_json(string text, string json) =>
        Assert.Equal(json, SettingAssignment.Read(text)!.ToJson()?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("a=1")]
    [InlineData("a.b")]
    [InlineData("a.=1")]
    [InlineData(".b=1")]
    [InlineData("a.b=")]
    public void Anything_else_is_no_setting(string text) => Assert.Null(SettingAssignment.Read(text));

    [Fact]
    public void Only_settings_that_differ_are_shown()
    {
        var before = new Dictionary<string, JsonElement> { ["a.x"] = Json("1"), ["a.y"] = Json("true") };
        Assert.Equal(
            """{"differences":[{"setting":"a.y","before":true,"now":false}]}""", SettingsDiffVerb.Compare(before, Json("""{"a":{"x":1,"y":false,"new":5}}""")).GetRawText());
    }

    [Fact]
    public void Metrics_are_read_from_their_text()
    {
        JsonElement document = Exposition.Parse("# HELP a b\na_total 3\na{topic=\"x,\\\"y\\\"}\",part=\"0\"} 1.5\nb{le=\"+Inf\"} +Inf\nother 1\n", static name => name != "other");
        Assert.Equal(
            """{"samples":[{"name":"a_total","labels":{},"value":3},{"name":"a","labels":{"topic":"x,\"y\"}","part":"0"},"value":1.5},{"name":"b","labels":{"le":"+Inf"},"value":"+Inf"}]}""",
            document.GetRawText());
    }

    [Fact]
    public void Dead_letter_queues_are_found_by_the_policies_that_name_them()
    {
        JsonElement[] queues =
        [
            .. Json(
                """
                [{"topic":"a","group":null,"settings":{"dlq":{"policy":"custom","target":{"topic":"dead","group":"g"}}}},
                 {"topic":"b","group":"x","settings":{"dlq":{"policy":"global","target":null}}},
                 {"topic":"c","group":null,"settings":{"dlq":{"policy":"discard","target":null}}},
                 {"topic":"dead","group":"g","ready_count":7,"settings":{"dlq":{"policy":"discard","target":null}}}]
                """).Items(),
        ];
        JsonElement[] found = [.. DlqListVerb.Find(Json("""{"topic":"global","part":0,"group":null}"""), queues).At("dead_letter_queues").Items()];
        Assert.Equal(
            [("dead", 7L, false, "a"), ("global", 0L, true, "b@x")],
            found.Select(static row => (row.At("topic").Text()!, row.At("ready_count").Number()!.Value, row.At("is_global").IsTrue(), row.At("sources").Items().Single().Text()!)));
        Assert.Empty(DlqListVerb.Find(default, []).At("dead_letter_queues").Items());
    }

    [Fact]
    public void A_topology_is_in_trouble_when_a_node_is_dead_or_a_partition_has_no_owner()
    {
        JsonElement topology = Json(
            """
            {"coordination":{"generation":3,"nodes":[{"node_id":"n1","live":true},{"node_id":"n2","live":false}],
              "assignments":[{"topic":"q","partition":1,"owner":null,"followers":[]}]},"consensus":{"leader":null}}
            """);
        Assert.Equal(["node n2 is dead", "q/1 has no owner", "the cluster has no leader"], TopologyTables.Troubles(topology));
        Assert.Empty(TopologyTables.Troubles(Json("""{"coordination":{"generation":0,"nodes":[{"node_id":"n1","live":true}],"assignments":[]},"consensus":null}""")));
    }

    [Fact]
    public void Percentiles_stay_bounded_and_true()
    {
        var percentiles = new Percentiles(1000);
        for (int index = 1; index <= 100_000; index++) percentiles.Add(TimeSpan.FromMilliseconds(index));
        Assert.Equal((100_000, 100.0), (percentiles.Count, percentiles.Max.TotalSeconds));
        Assert.InRange(percentiles.At(0.5).TotalSeconds, 49, 51);
        Assert.InRange(percentiles.At(0.99).TotalSeconds, 98.5, 99.5);
        Assert.Equal(TimeSpan.Zero, new Percentiles(10).At(0.5));
    }

    [Fact]
    public void A_template_is_filled_in()
    {
        string made = new MessageTemplate("{n} {now} {uuid} {other}", Time).Make(7);
        Assert.Matches("^7 2026-01-01T12:00:00\\.0000000\\+00:00 [0-9a-f-]{36} \\{other\\}$", made);
    }

    [Fact]
    public void A_payload_is_what_its_format_says()
    {
        Assert.Equal("hello"u8.ToArray(), PayloadFormat.Decode("aGVsbG8=\n"u8.ToArray(), "base64"));
        Assert.Equal("{}"u8.ToArray(), PayloadFormat.Decode("{}"u8.ToArray(), "json"));
        Assert.Equal("{"u8.ToArray(), PayloadFormat.Decode("{"u8.ToArray(), "raw"));
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(static () => PayloadFormat.Decode("{"u8.ToArray(), "json")).ExitCode);
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(static () => PayloadFormat.Decode("-"u8.ToArray(), "base64")).ExitCode);
    }

    [Fact]
    public void The_doctor_judges_disk_and_limits()
    {
        Assert.Equal(
            [Verdict.Bad, Verdict.Warning, Verdict.Good],
            new long[] { 2, 9, 11 }.Select(static free => MachineChecks.JudgeSpace("d", free, 100).Verdict));
        Assert.Equal(
            [Verdict.Warning, Verdict.Good, Verdict.Warning],
            new double[] { 0.001, 1, 20 }.Select(static ms => MachineChecks.JudgeSync([TimeSpan.FromMilliseconds(ms)]).Verdict));
        Assert.Equal(Verdict.Warning, MachineChecks.JudgeOpenFiles("Max open files            1024                 524288               files").Verdict);
        Assert.Equal(Verdict.Good, MachineChecks.JudgeOpenFiles("Max open files            unlimited            unlimited            files").Verdict);
    }

    private static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes(text));
        return document.RootElement.Clone();
    }
}
