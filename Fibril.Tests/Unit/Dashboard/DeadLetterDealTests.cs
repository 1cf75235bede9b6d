using System.Text.Json;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.DeadLetters;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class DeadLetterDealTests
{
    private static readonly ChannelName Dead = new("orders.failed", "eu");
    private static readonly DeadLetterFilter Cause = new(Dead, Fingerprint: "6dd1cf61523a9b10");

    [Fact]
    public void What_is_sent_is_what_was_chosen()
    {
        var deal = new DeadLetterDeal(
            Cause with { Reason = "expired", Source = new ChannelName("orders", "eu"), FromMs = 1, ToMs = 2, Header = "a=b=c" }, IsDeletion: false, new ChannelName("repair"), Removes: true, Rate: 50,
            MaxFailures: 3, Most: 500);
        Assert.Equal(
            """
            {"dlq_topic":"orders.failed","dlq_group":"eu","filter":{"reason":["expired"],"source_topic":"orders","source_group":"eu","from_ms":1,"to_ms":2,"header":{"a":"b=c"},"max":500,"fingerprint":["6dd1cf61523a9b10"]},"dry_run":true,"rate_limit_per_sec":50,"max_failures":3,"after":"ack","target":{"topic":"repair"}}
            """, JsonSerializer.Serialize(deal.ToBody(dryRun: true), ApiJson.Options));
        Assert.Equal("admin/api/dlq/settle/bulk", (deal with { IsDeletion = true }).Path);
    }

    [Fact]
    public void The_command_does_the_same()
    {
        Assert.Equal("fibrilctl dlq replay orders.failed --group eu --fingerprint 6dd1cf61523a9b10 --to repair --after ack --max 500 --rate 50",
            new DeadLetterDeal(Cause, IsDeletion: false, new ChannelName("repair"), Removes: true, Rate: 50, Most: 500).Command);
        Assert.Equal("fibrilctl dlq settle orders.failed --group eu --all", new DeadLetterDeal(new DeadLetterFilter(Dead), IsDeletion: true).Command);
    }

    [Theory]
    [InlineData(null, "2026-01-31T12:00:00.006Z")]
    [InlineData(1_769_860_800_000, "2026-01-31T12:00:00Z")] // what was asked for ends before that
    public void What_was_counted_is_bounded_in_time_and_number(long? until, string end)
    {
        DeadLetterJob counted = JsonSerializer.Deserialize<DeadLetterJob>("""{"started_ms":1769860800005,"matched":7}""", ApiJson.Options)!;
        DeadLetterDeal deal = new DeadLetterDeal(Cause with { ToMs = until }, IsDeletion: true).AsCounted(counted);
        Assert.Equal($"fibrilctl dlq settle orders.failed --group eu --fingerprint 6dd1cf61523a9b10 --to-time {end} --max 7", deal.Command);
    }

    [Fact]
    public void Only_what_cannot_be_taken_back_is_final()
    {
        var copy = new DeadLetterDeal(Cause, IsDeletion: false);
        Assert.False(copy.IsFinal);
        Assert.True((copy with { Removes = true }).IsFinal);
        Assert.True((copy with { IsDeletion = true }).IsFinal);
    }

    [Fact]
    public void What_is_asked_names_the_number_and_only_a_deletion_has_to_be_typed()
    {
        Assert.Equal(("Replay 500 dead letters to the queues they came from?", null), Asked(new DeadLetterDeal(Cause, IsDeletion: false)));
        Assert.Equal(("Move 500 dead letters to repair?", null), Asked(new DeadLetterDeal(Cause, IsDeletion: false, new ChannelName("repair"), Removes: true)));
        Assert.Equal(("Delete 500 dead letters?", "orders.failed"), Asked(new DeadLetterDeal(Cause, IsDeletion: true)));

        static (string, string?) Asked(DeadLetterDeal deal) => (deal.Ask(500).Title, deal.Ask(500).Typed);
    }

    [Fact]
    public void A_header_without_a_value_is_no_condition() => Assert.Equal("write key=value", (Cause with { Header = "tenant" }).Problem);

    [Theory]
    [InlineData("running", 50, 200L, null, 0.25)]
    [InlineData("running", 50, null, null, null)]
    [InlineData("running", 50, 200L, 100L, 0.5)]
    [InlineData("completed", 50, null, null, 1.0)]
    [InlineData("cancelled", 50, 200L, null, 0.25)]
    public void Progress_is_measured_by_what_a_dry_run_has_counted(string state, long done, long? expected, long? most, double? share)
    {
        var job = new DeadLetterJob(
            1, "replay", "dead", null, null, false, "keep", new JobFilter(null, null, null, null, null, null, most, null), null, null, null, null, state, 1000, null, 0, 0, done, 0, 0, 0, 0, 0, null, null, null,
            null, [], []);
        Assert.Equal(share, JobText.Share(job, expected));
        Assert.Equal(25, JobText.Rate(job, DateTimeOffset.FromUnixTimeMilliseconds(3000)));
    }
}
