using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Message;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class StoryLineTests
{
    private static readonly MessageState Settled = new(7, "settled", 0, null, null, null, null, null);

    [Fact]
    public void A_life_is_told_in_order_with_the_time_between()
    {
        IReadOnlyList<StoryLine> lines = Tell(
            Settled, Event("published", 900), Event("received", 1000), Event("durable", null), Event("returned", 61_000) with { Reason = "lease_expired", Holder = "worker-1" },
            Event("retried", 61_000) with { Retries = 1, NotBeforeMs = 90_000 }, Event("settled", 95_000) with { Reason = "completed" });
        Assert.Equal(
            ["Published", "Received by the broker", "Durable, and confirmed to the producer", "A lease ended without settling it: lease expired", "Failed, retry 1", "Settled: completed"],
            lines.Select(static line => line.What));
        Assert.Equal([null, null, null, TimeSpan.FromMinutes(1), null, TimeSpan.FromSeconds(34)], lines.Select(static line => line.Gap));
        Assert.Equal("it was with worker-1", lines[3].Detail);
        Assert.Equal("delayed until 1970-01-01 00:01:30.000 UTC", lines[4].Detail);
    }

    [Fact]
    public void A_difference_to_the_clock_of_the_producer_is_no_time_that_has_passed() =>
        Assert.All(Tell(Settled, Event("published", 1), Event("received", 5_000_000)), static line => Assert.Null(line.Gap));

    [Theory]
    [InlineData("ready", "Now: ready, for any consumer")]
    [InlineData("inflight", "Now: leased to worker-1")]
    [InlineData("delayed", "Now: delayed")]
    [InlineData("pending_dlq", "Now: on its way to the dead letters")]
    [InlineData("resting", "Now: resting")]
    public void A_life_that_goes_on_ends_with_how_it_is_now(string status, string expected) =>
        Assert.Equal(expected, Tell(Settled with { Status = status, Holder = "worker-1" }, Event("received", 1))[^1].What);

    [Fact]
    public void A_copy_leads_to_where_it_is()
    {
        var copy = new MessagePlace("dead", null, 1, 42);
        StoryLine line = Tell(Settled, Event("copied", 5) with { Copy = copy })[0];
        Assert.Equal((copy, "admin/message?topic=dead&partition=1&offset=42"), (line.Copy, line.Copy!.Href));
    }

    [Fact]
    public void What_a_newer_broker_tells_is_shown_by_its_name() => Assert.Equal("put aside", Tell(Settled, Event("put_aside", 5))[0].What);

    private static StoryEvent Event(string kind, long? atMs) => new(kind, atMs, null, null, null, null, null, null);

    private static IReadOnlyList<StoryLine> Tell(MessageState state, params StoryEvent[] events) =>
        StoryLine.Of(new MessageStory(state, null, null, events, true, null, 0, null, null));
}
