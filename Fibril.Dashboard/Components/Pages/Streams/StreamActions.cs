using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Streams;

/// <summary>What can be done to a stream from more than one page.</summary>
public static class StreamActions
{
    /// <param name="dialogs">Asks.</param>
    /// <param name="api">Does it.</param>
    /// <param name="stream">Which.</param>
    /// <param name="partitions">What is in it; null to ask the broker.</param>
    /// <returns>True when the stream is gone.</returns>
    public static async Task<bool> DeleteAsync(Dialogs dialogs, AdminApi api, StreamRow stream, IReadOnlyList<StreamPartitionRow>? partitions)
    {
        if (partitions is null && !await dialogs.TryAsync(async () => partitions = (await api.GetAsync<StreamDetail>(Link.To("admin/api/streams/get", ("topic", stream.Topic)))).Partitions)) return false;
        long records = partitions!.Sum(static partition => partition.Retained);
        int readers = partitions!.Sum(static partition => partition.Subscriptions);
        int cursors = partitions!.Sum(static partition => partition.CursorDetails.Count);
        bool isMeant = await dialogs.ConfirmAsync(new Confirmation(
            $"Delete the stream {stream.Topic}?",
            $"{Show.Plural(records, "record")} in {Show.Plural(stream.PartitionCount, "partition")} and {Show.Bytes(partitions!.Sum(static partition => partition.SizeBytes))} are gone for good, "
            + $"with {Show.Plural(cursors, "durable cursor")}. " + (readers > 0 ? $"{Show.Plural(readers, "reader")} of it will get errors." : "Nobody reads it now."),
            "Delete")
        {
            Typed = stream.Topic,
            Command = new CliCommand("stream", "delete", stream.Topic).ToString(),
        });
        return isMeant && await dialogs.TryAsync(async () =>
        {
            await api.PostAsync<DeletedStream>("admin/api/streams/delete", new { stream.Topic, ConfirmTopic = stream.Topic });
            dialogs.Tell($"The stream {stream.Topic} is deleted.");
        });
    }

    private sealed record DeletedStream(int PartitionCount);
}
