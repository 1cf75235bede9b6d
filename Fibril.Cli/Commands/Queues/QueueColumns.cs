using System.Text.Json;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>What people see of queues.</summary>
internal static class QueueColumns
{
    public static Column[] Row { get; } =
    [
        Column.Text("TOPIC", "topic"),
        Column.Text("GROUP", "group"),
        Column.Count("PARTITIONS", "partition_count"),
        Column.Count("READY", "ready_count"),
        Column.Count("INFLIGHT", "inflight_count"),
        Column.Count("DELAYED", "delayed_count"),
        Column.Count("TO-DLQ", "pending_dlq_count"),
        Column.Count("CONSUMERS", "subscriptions"),
        Column.Age("OLDEST", "oldest_ready_ms"),
        Column.Bytes("STORED", "stored_bytes"),
        Column.Count("LOADED", "loaded_partitions").Extra,
        Column.Made("DLQ", "settings.dlq", PolicyOf).Extra,
        Column.Count("RETRIES", "settings.max_retries").Extra,
        Column.Milliseconds("TTL", "settings.default_message_ttl_ms").Extra,
        Column.Text("ERROR", "error"),
    ];

    public static View List { get; } = new(new Table("queues", "No queues.", Row), new Sentence(MoreOf));

    public static View Detail { get; } = new(
        new Sheet(
            null, "queue",
            Column.Text("Topic", "topic"), Column.Text("Group", "group"), Column.Text("Declared", "declared"), Column.Count("Partitions", "partition_count"),
            Column.Count("In memory", "loaded_partitions"), Column.Count("Ready", "ready_count"), Column.Count("In flight", "inflight_count"),
            Column.Count("Delayed", "delayed_count"), Column.Count("On the way to the DLQ", "pending_dlq_count"), Column.Count("Consumers", "subscriptions"),
            Column.Age("Oldest ready", "oldest_ready_ms"), Column.Age("Oldest unsettled", "oldest_unsettled_ms"), Column.Bytes("Stored", "stored_bytes"),
            Column.Made("Dead letters", "settings.dlq", PolicyOf), Column.Count("Max retries", "settings.max_retries"),
            Column.Milliseconds("Default TTL", "settings.default_message_ttl_ms"), Column.Count("Max messages", "settings.max_messages"),
            Column.Bytes("Max bytes", "settings.max_bytes"), Column.Text("When full", "settings.overflow"),
            Column.Milliseconds("Expires when idle for", "settings.expire_after_idle_ms"), Column.Text("Error", "error")),
        Partitions());

    /// <summary>The partitions of one queue.</summary>
    public static Table Partitions() => new(
        "partitions", "No partitions.",
        Column.Count("PARTITION", "partition"), Column.Count("READY", "state.ready_count"), Column.Count("INFLIGHT", "state.inflight_count"),
        Column.Count("DELAYED", "state.delayed_count"), Column.Count("TO-DLQ", "state.pending_dlq_count"), Column.Count("RETRIED", "state.retries_count"),
        Column.Count("END", "state.end_offset"), Column.Count("SETTLED-TO", "state.settled_until"), Column.Age("OLDEST", "state.oldest_ready_ms"),
        Column.Bytes("MESSAGES", "message_bytes"), Column.Bytes("EVENTS", "event_bytes"), Column.Text("LOADED", "materialized"), Column.Text("ROLE", "role").Extra,
        Column.Count("FIRST-READY", "state.min_ready").Extra, Column.Count("LAST-READY", "state.max_ready").Extra, Column.Text("ERROR", "error"));

    /// <summary>A dead-letter policy in one word, or the queue it names.</summary>
    public static string PolicyOf(JsonElement policy) => policy.At("target") is var target && !target.IsMissing() ? ChannelOf(target) : policy.At("policy").Text() ?? Column.Nothing;

    /// <summary>A queue as <c>topic</c> or <c>topic@group</c>.</summary>
    public static string ChannelOf(JsonElement queue) =>
        queue.At("group").Text() is { } group ? $"{queue.At("topic").Text()}@{group}" : queue.At("topic").Text() ?? Column.Nothing;

    private static string? MoreOf(JsonElement document) =>
        document.At("total").Number() is { } total && total > document.At("queues").Items().Count()
            ? $"{document.At("queues").Items().Count()} of {total} shown; see more with --limit or --skip."
            : null;
}
