using System.Text.Json;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Queues;
using Fibril.Dashboard.Components.Widgets;

namespace Fibril.Tests.Dashboard;

public sealed class QueueDraftTests
{
    [Fact]
    public void What_nobody_has_touched_changes_nothing_and_is_not_sent()
    {
        var draft = new QueueDraft(Queue());

        Assert.Empty(draft.Changes);
        Assert.Empty(draft.Problems);
        Assert.Equal("""{"topic":"orders"}""", JsonSerializer.Serialize(draft.Body, ApiJson.Options));
    }

    [Fact]
    public void A_change_is_told_with_before_and_after_and_is_all_that_is_sent()
    {
        var draft = new QueueDraft(Queue()) { TtlSeconds = "1.5", Policy = "custom", TargetTopic = "failed" };

        Assert.Equal([("Default time to live", "10 min", "1.5 s"), ("Dead letters", "global", "to failed")], draft.Changes.Select(static change => (change.Setting, change.Before, change.After)));
        Assert.Equal("""{"topic":"orders","policy":"custom","target":{"topic":"failed"},"default_message_ttl_ms":1500}""", JsonSerializer.Serialize(draft.Body, ApiJson.Options));
        Assert.Equal("fibrilctl queue declare orders --dlq custom --dlq-topic failed --default-ttl 1500ms", draft.Command);
    }

    [Fact]
    public void A_bound_that_was_set_is_not_taken_away_by_an_empty_field()
    {
        var draft = new QueueDraft(Queue()) { MaxRetries = "" };

        Assert.Equal("max_retries", Assert.Single(draft.Problems).Field);
        Assert.Empty(draft.Changes);
    }

    [Theory]
    [InlineData("three")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void What_is_no_number_is_not_sent(string written)
    {
        var draft = new QueueDraft(Queue()) { MaxMessages = written };

        Assert.Equal("max_messages", Assert.Single(draft.Problems).Field);
        Assert.Empty(draft.Changes);
    }

    [Fact]
    public void A_queue_does_not_shrink() => Assert.Equal("partition_count", Assert.Single(new QueueDraft(Queue()) { Partitions = "3" }.Problems).Field);

    [Theory]
    [InlineData(100, 40, 40, "falls by 1/s")]
    [InlineData(40, 100, null, "grows by 1/s")]
    [InlineData(40, 40, null, "neither falls nor grows")]
    public void The_trend_says_when_a_queue_is_empty_at_this_pace(long before, long now, int? seconds, string text)
    {
        QueueTrend trend = QueueTrend.Of([new QueueSample(1000, before, 0), new QueueSample(1060, now, 0)]);

        Assert.Equal(text, trend.Text);
        Assert.Equal(seconds, (int?)trend.EmptyIn?.TotalSeconds);
    }

    [Fact]
    public void One_sample_is_no_trend() => Assert.Equal(QueueTrend.Unknown, QueueTrend.Of([new QueueSample(1000, 5, 0)]));

    [Fact]
    public void Findings_that_several_partitions_have_in_common_are_told_once()
    {
        FindingGroup group = Assert.Single(FindingGroup.Of([Finding(0), Finding(1), Finding(2), Finding(5)], areOfOneQueue: true));

        Assert.Equal("0 to 2, 5", group.Where);
        Assert.Equal("4 message(s) wait", group.Text);
    }

    private static Finding Finding(int partition) => new("no_consumer", Severity.Warning, $"{4 + partition} message(s) wait", "Start one.", [partition], null);

    private static QueueRow Queue() => new(
        "orders", null, true, 4, 4, 10, 0, 0, 0, 0, 0, 0, 0, null, null, null, new QueueSettings(new DeadLetterPolicy("global", null), 3, 600_000, null, null, "reject", null));
}
