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
            $"{Show.Plural(messages, "message")} in {Show.Plural(queue.PartitionCount, "partition")} and {Show.Bytes(queue.StoredBytes)} on the disk are gone for good, with the settings of the queue. "
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
}

/// <summary>The answer of a deletion.</summary>
public sealed record DeletedChannel(string Status, int PartitionCount);
