using System.Text;
using System.Text.Json;
using Fibril.Cli;
using Fibril.Cli.Commands.Top;
using Fibril.Cli.Output;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

/// <summary>What <c>fibrilctl top</c> draws.</summary>
public sealed class TopTests
{
    private const string Overview = """
        {"uptime_seconds": 7320, "broker": {"total_published": 1000, "total_delivered": 900, "total_acked": 800},
         "now": {"ready": 1200, "leased": 30, "delayed": 4, "dead_lettering": 0, "connections": 12, "subscriptions": 7, "resident_bytes": 120300000, "cpu_percent": 12.5,
                 "stored_bytes": 5000000, "disk_free_bytes": 10000000000, "disk_total_bytes": 40000000000}}
        """;

    private const string Attention = """
        {"items": [{"severity": "warning", "subject": "jobs", "headline": "Nobody consumes it.", "since_ms": 1767268500000},
                   {"severity": "critical", "subject": "disk", "headline": "The disk is full.", "since_ms": 1767268740000}]}
        """;

    private const string Queues = """
        {"total": 340, "queues": [
          {"topic": "jobs", "group": null, "ready_count": 1200, "inflight_count": 30, "delayed_count": 4, "pending_dlq_count": 0, "subscriptions": 3, "oldest_ready_ms": 1767268500000, "stored_bytes": 5000000},
          {"topic": "a.topic.with.a.very.long.name", "group": "workers", "ready_count": 0, "inflight_count": 0, "delayed_count": 0, "pending_dlq_count": 0, "subscriptions": 0, "oldest_ready_ms": null, "stored_bytes": 0}]}
        """;

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_wide_screen_shows_everything()
    {
        TopReading before = Reading(Overview, queue: Partition(0, 100, ready: 1190)) with { Clock = TimeSpan.FromSeconds(1) };
        TopReading now = Reading(Overview.Replace(": 1000,", ": 1500,", StringComparison.Ordinal), queue: Partition(0, 160, ready: 1200)) with { Clock = TimeSpan.FromSeconds(3) };
        Assert.Equal(
            """
            fibrilctl top  broker:8081  up 2h2m  12:00:00Z  every 2 s
            Published/s 250  Delivered/s 0  Acknowledged/s 0
            Ready 1,200  Leased 30  Delayed 4  To the DLQ 0
            Connections 12  Subscriptions 7  Memory 120.3 MB  CPU % 12.5  Stored 5.0 MB  Disk free 10.0 GB of 40.0 GB

            critical  disk      1m  The disk is full.
            warning   jobs      5m  Nobody consumes it.

            QUEUE                                   READY  LEASED  OLDEST    IN/S   OUT/S  CONSUMERS  DELAYED  TO-DLQ   STORED
            jobs                                    1,200      30      5m      30      25          3        4       0   5.0 MB
            a.topic.with.a.very.long.name@workers       0       0       -       -       -          0        0       0  0 bytes
            340 queues, by ready; s: another order, q: quit
            """,
            Draw(Model(now) with { Before = before }, 160, 40));
    }

    [Fact]
    public void A_narrow_screen_leaves_columns_out_and_cuts_what_is_too_long()
    {
        Assert.Equal(
            """
            fibrilctl top  broker:8081  up 2h2m  12:00:00Z  every 2 s
            Published/s -  Delivered/s -  Acknowledged/s -
            Ready 1,200  Leased 30  Delayed 4  To the DLQ 0
            Connections 12  Subscriptions 7  Memory 120.3 MB  CPU % 12.5
            Stored 5.0 MB  Disk free 10.0 GB of 40.0 GB

            critical  disk      1m  The disk is full.
            warning   jobs      5m  Nobody consumes it.

            QUEUE                  READY  LEASED  OLDEST    IN/S   OUT/S
            jobs                   1,200      30      5m       -       -
            a.topic.with.a.very…       0       0       -       -       -
            340 queues, by ready; s: another order, q: quit
            """,
            Draw(Model(Reading(Overview)), 60, 24));
    }

    [Theory]
    [InlineData(200, 50)]
    [InlineData(80, 24)]
    [InlineData(40, 10)]
    [InlineData(20, 3)]
    [InlineData(1, 1)]
    public void Nothing_is_larger_than_the_screen(int width, int height)
    {
        IReadOnlyList<string> lines = TopScreen.Draw(Model(Reading(Overview)) with { Trouble = new string('x', 300) }, new ScreenSize(width, height));
        Assert.InRange(lines.Count, 1, height);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void A_low_screen_shows_the_worst_and_the_first_queues()
    {
        string drawn = Draw(Model(Reading(Overview)), 120, 11);
        Assert.Contains("\ncritical  disk      1m  The disk is full.\nwarning ", drawn, StringComparison.Ordinal);
        Assert.Matches("\nQUEUE .* STORED\njobs +1,200 .* 5\\.0 MB\n340 queues, by ready; s: another order, q: quit$", drawn);
        Assert.DoesNotContain("workers", drawn, StringComparison.Ordinal);
        Assert.EndsWith("\n\ncritical  disk      1m  The disk is full.\n340 queues, by ready; s: another order, q: quit", Draw(Model(Reading(Overview)), 120, 7), StringComparison.Ordinal);
    }

    [Fact]
    public void More_troubles_than_there_is_room_for_are_counted()
    {
        string items = string.Join(", ", Enumerable.Range(0, 10).Select(static number => $$"""{"severity": "warning", "subject": "q{{number}}", "since_ms": {{1767268500000 + number}}, "headline": "Slow."}"""));
        string drawn = Draw(Model(Reading(Overview) with { Attention = Json($$"""{"items": [{{items}}]}""") }), 120, 24);
        Assert.Contains("\nwarning   q5   4m59s  Slow.\nand 4 more, see fibrilctl attention\n\nQUEUE ", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_without_queues_and_troubles_says_so()
    {
        TopReading reading = Reading(Overview) with { Attention = Json("""{"items": []}"""), Queues = Json("""{"total": 0, "queues": []}""") };
        Assert.EndsWith("\n\nNothing needs attention.\n\nNo queues.\n0 queues, by ready", Draw(Model(reading) with { HasKeys = false }, 80, 24), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_older_broker_does_not_know_is_left_open()
    {
        TopReading reading = Reading("{}") with { Attention = default, Queues = default };
        Assert.Equal(
            """
            fibrilctl top  broker:8081  up -  12:00:00Z  every 2 s
            Published/s -  Delivered/s -  Acknowledged/s -
            Ready -  Leased -  Delayed -  To the DLQ -
            Connections -  Subscriptions -  Memory -  CPU % -  Stored -  Disk free -

            This broker does not say what needs attention.

            This broker does not list its queues.
            0 queues, by ready; s: another order, q: quit
            """,
            Draw(Model(reading) with { Before = reading }, 80, 24));
    }

    [Fact]
    public void While_a_broker_does_not_answer_its_last_state_stays_and_since_when()
    {
        TopModel model = Model(Reading(Overview));
        string[] fresh = Draw(model, 80, 24).Split('\n'), stale = Draw(model with { Trouble = "failed to connect\nto admin API broker:8081" }, 80, 24).Split('\n');
        Assert.Equal("STALE since 12:00:00Z: failed to connect to admin API broker:8081", stale[1]);
        Assert.Equal(fresh, stale.Where(static (_, line) => line != 1));
        Assert.Null((model with { Trouble = "gone" }).With(Reading(Overview)).Trouble);
    }

    [Fact]
    public void A_broker_that_was_started_again_has_no_rates_until_the_next_answer()
    {
        TopReading before = Reading(Overview, queue: Partition(0, 100, ready: 0));
        TopReading now = Reading(Overview.Replace(": 1000,", ": 5,", StringComparison.Ordinal), queue: Partition(0, 5, ready: 5)) with { Clock = TimeSpan.FromSeconds(2) };
        TopModel model = Model(now) with { Before = before };
        Assert.Contains("\nPublished/s -  Delivered/s 0", Draw(model, 80, 24), StringComparison.Ordinal);
        Assert.Matches("\njobs .* 5m +- +- ", Draw(model, 80, 24));
    }

    [Fact] // its messages were there all the time
    public void Partitions_that_are_loaded_meanwhile_do_not_count_as_inflow()
    {
        TopReading before = Reading(Overview, queue: $"{Partition(0, 100, ready: 0)}, {Partition(1, 0, ready: 0, isLoaded: false)}");
        TopReading now = Reading(Overview, queue: $"{Partition(0, 110, ready: 0)}, {Partition(1, 5000, ready: 5000)}") with { Clock = TimeSpan.FromSeconds(2) };
        Assert.Matches("\njobs .* 5m +5 +5 ", Draw(Model(now) with { Before = before }, 80, 24));
    }

    [Fact]
    public void Control_characters_of_others_do_not_reach_the_terminal()
    {
        TopReading reading = Reading(Overview) with { Attention = Json("""{"items": [{"severity": "warning", "subject": "a\u001b[2J", "headline": "b\u0007"}]}""") };
        Assert.Contains("\nwarning   a·[2J       -  b·\n", Draw(Model(reading), 80, 24), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_terminal_another_command_is_named()
    {
        using var run = new CommandLineRun();
        Assert.Equal(ExitCode.Usage, await run.RunAsync("top", "--admin", "127.0.0.1:1"));
        Assert.Contains("fibrilctl overview --watch", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output.ToArray());
    }

    [Fact]
    public void The_screen_is_overwritten_in_place_and_given_back()
    {
        using var output = new MemoryStream();
        using (var screen = new FullScreen(output)) screen.Show(["full", "ab"], new ScreenSize(4, 3));
        Assert.Equal("\e[?1049h\e[?25l\e[?7l\e[Hfull\r\nab\e[K\r\n\e[J\e[?7h\e[?25h\e[?1049l", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void Orders_come_round()
    {
        TopOrder order = TopOrder.All[0];
        foreach (TopOrder _ in TopOrder.All) order = order.Next;
        Assert.Equal("ready", order.Name);
    }

    private static string Draw(TopModel model, int width, int height) => string.Join('\n', TopScreen.Draw(model, new ScreenSize(width, height)));

    private static TopModel Model(TopReading reading) => new("broker:8081", reading) { Order = TopOrder.All[0], Interval = TimeSpan.FromSeconds(2), HasKeys = true };

    private static TopReading Reading(string overview, string queue = "") => new(
        Now, TimeSpan.Zero, Json(overview), Json(Attention), Json(Queues), new Dictionary<string, JsonElement> { ["jobs"] = Json($$"""{"partitions": [{{queue}}]}""") });

    private static string Partition(int number, long end, long ready, bool isLoaded = true) =>
        $$"""{"partition": {{number}}, "materialized": {{(isLoaded ? "true" : "false")}}, "state": {"end_offset": {{end}}, "ready_count": {{ready}}, "delayed_count": 0 } }""";

    private static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
