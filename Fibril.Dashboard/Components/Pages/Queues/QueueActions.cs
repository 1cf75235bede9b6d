using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Queues;

/// <summary>What can be done to a queue from more than one page. Each asks first, and tells how it went.</summary>
public static class QueueActions
{
    /// <returns>True when the queue is gone.</returns>
    public static async Task<bool> DeleteAsync(Dialogs dialogs, AdminApi api, QueueRow queue)
    {
        string name = Show.Channel(queue.Topic, queue.Group);
        long messages = queue.ReadyCount + queue.InflightCount + queue.DelayedCount;
        bool isMeant = await dialogs.ConfirmAsync(new Confirmation(
            $"Delete the queue {name}?",
            $"{Show.Plural(messages, "message")}{UnknownIn(queue)} in {Show.Plural(queue.PartitionCount, "partition")} and {Show.Bytes(queue.StoredBytes)} on the disk are gone for good, with the settings of the queue. "
            + (queue.Subscriptions > 0 ? $"{Show.Plural(queue.Subscriptions, "consumer")} of it will get errors. " : "")
            + "While a consumer holds messages the broker refuses.",
            "Delete")
        {
            Typed = queue.Topic,
            Command = new CliCommand("queue", "delete", queue.Topic).With("--group", queue.Group).ToString(),
        });
        return isMeant && await dialogs.TryAsync(async () =>
        {
            await api.PostAsync<DeletedChannel>("admin/api/queues/delete", new { queue.Topic, queue.Group, ConfirmTopic = queue.Topic });
            dialogs.Tell($"The queue {name} is deleted.");
        });
    }

    /// <param name="dialogs">Asks.</param>
    /// <param name="api">Does it.</param>
    /// <param name="queue">Which.</param>
    /// <param name="scope"><c>ready</c>, <c>delayed</c> or <c>all</c>.</param>
    /// <returns>True when it was done.</returns>
    public static async Task<bool> PurgeAsync(Dialogs dialogs, AdminApi api, QueueRow queue, string scope)
    {
        string name = Show.Channel(queue.Topic, queue.Group);
        bool isMeant = await dialogs.ConfirmAsync(new Confirmation(
            $"Purge the queue {name}?",
            $"{Show.Plural(CountOf(queue, scope), "message")}{UnknownIn(queue)} that {(scope == "all" ? "are ready or delayed" : $"are {scope}")} go for good, and so does what comes until it is done. No dead letters are made of them. "
            + $"{Show.Plural(queue.InflightCount, "message")} that consumers hold stay{(queue.InflightCount == 1 ? "s" : "")}, and so do the settings of the queue.",
            "Purge")
        {
            Typed = queue.Topic,
            Command = new CliCommand("queue", "purge", queue.Topic).With("--group", queue.Group).With("--scope", scope).ToString(),
        });
        return isMeant && await dialogs.TryAsync(async () =>
        {
            PurgeCount purged = await api.PostAsync<PurgeCount>("admin/api/queues/purge", new { queue.Topic, queue.Group, Scope = scope, ConfirmTopic = queue.Topic });
            dialogs.Tell($"{Show.Plural(purged.Purged, "message")} of {name} {(purged.Purged == 1 ? "is" : "are")} gone.");
        });
    }

    /// <summary>The numbers are those of partitions in memory.</summary>
    private static string UnknownIn(QueueRow queue) =>
        queue.PartitionCount - queue.LoadedPartitions is var others and > 0 ? $", and what {Show.Plural(others, "partition")} out of memory may have," : "";

    /// <summary>Messages that a purge would remove now, as far as is known.</summary>
    public static long CountOf(QueueRow queue, string scope) => scope switch
    {
        "ready" => queue.ReadyCount,
        "delayed" => queue.DelayedCount,
        _ => queue.ReadyCount + queue.DelayedCount,
    };
}

/// <summary>The answer of a deletion.</summary>
public sealed record DeletedChannel(string Status, int PartitionCount);

/// <summary>The answer of a purge.</summary>
public sealed record PurgeCount(long Purged);
