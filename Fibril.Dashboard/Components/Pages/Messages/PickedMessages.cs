using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Messages;

/// <summary>What can be done to messages that somebody has picked. Each asks first, and reports on every message.</summary>
/// <param name="Queue">Where they are.</param>
/// <param name="Partition">Where they are.</param>
/// <param name="Offsets">Which.</param>
public sealed record PickedMessages(ChannelName Queue, int Partition, IReadOnlyList<long> Offsets)
{
    // The API takes as many at a time.
    private const int MostOfRequest = 100;

    private string Count => Show.Plural(Offsets.Count, "message");

    /// <returns>What became of each; null when it was not meant, or refused at once.</returns>
    public Task<TransferReport?> DeleteAsync(Dialogs dialogs, AdminApi api) => DoAsync(dialogs, new Confirmation(
        $"Delete {Count} of {Queue}?",
        $"{Count} of partition {Partition} {(Offsets.Count == 1 ? "is" : "are")} gone for good, and no copy is kept. Those that a consumer holds stay.",
        "Delete")
    {
        Typed = Queue.Topic,
        Command = Command("delete").ToString(),
    }, async offsets =>
    {
        DeletionReport report = await api.PostAsync<DeletionReport>("admin/api/messages/delete", new { Queue.Topic, Queue.Group, Partition, Offsets = offsets });
        return new TransferReport(report.Requested, report.Removed, [.. report.Items.Select(static item => new TransferItem(item.Offset, item.Outcome, null, null, null, null, item.Reason))]);
    });

    /// <inheritdoc cref="DeleteAsync"/>
    public Task<TransferReport?> SendAsync(Dialogs dialogs, AdminApi api, ChannelName target, bool keep) => DoAsync(dialogs, new Confirmation(
        $"{(keep ? "Copy" : "Move")} {Count} to {target}?",
        $"{Count} of {Queue}, partition {Partition}, {(keep ? "will be there twice: here, and in" : "will be gone from here, each when its copy is durable in")} {target}. "
        + $"Consumers of {target} get them at once. Those that a consumer holds here are skipped.",
        keep ? "Copy" : "Move")
    {
        IsDangerous = !keep,
        Command = Command(keep ? "copy" : "move").With("--to", target.Topic).With("--to-group", target.Group).ToString(),
    }, offsets => api.PostAsync<TransferReport>("admin/api/messages/move", new { Queue.Topic, Queue.Group, Partition, Offsets = offsets, Target = target, Keep = keep }));

    /// <summary>Sends dead letters back to where they came from; they stay here, too.</summary>
    /// <inheritdoc cref="DeleteAsync"/>
    public Task<TransferReport?> ReplayAsync(Dialogs dialogs, AdminApi api) => DoAsync(dialogs, new Confirmation(
        $"Replay {Show.Plural(Offsets.Count, "dead letter")} of {Queue}?",
        $"A copy of each goes back to the queue it came from, and consumers there get it at once. The {Show.Plural(Offsets.Count, "dead letter")} stay here: whoever replays them again has them twice.",
        "Replay")
    {
        IsDangerous = false,
        Command = new CliCommand("dlq", "replay", Queue.Topic).With("--group", Queue.Group).With("--partition", Partition).With("--offset", OffsetList.Of(Offsets)).ToString(),
    }, offsets => api.PostAsync<TransferReport>("admin/api/dlq/replay", new { DlqTopic = Queue.Topic, DlqGroup = Queue.Group, Partition, Offsets = offsets, After = "keep" }));

    private CliCommand Command(string verb) => new CliCommand("messages", verb, Queue.Topic).With("--group", Queue.Group).With("--partition", Partition).With("--offset", OffsetList.Of(Offsets)).If(true, "--yes");

    private async Task<TransferReport?> DoAsync(Dialogs dialogs, Confirmation confirmation, Func<IReadOnlyList<long>, Task<TransferReport>> send)
    {
        if (!await dialogs.ConfirmAsync(confirmation)) return null;
        var items = new List<TransferItem>();
        int done = 0;
        bool isComplete = await dialogs.TryAsync(async () =>
        {
            foreach (long[] some in Offsets.Order().Chunk(MostOfRequest))
            {
                TransferReport report = await send(some);
                items.AddRange(report.Items);
                done += report.Replayed;
            }
        });
        if (!isComplete && items.Count == 0) return null;
        string text = $"{confirmation.Action}: {Show.Exact(done)} of {Count} done.";
        if (done == Offsets.Count) dialogs.Tell(text);
        else dialogs.Warn($"{text} The list below says why not.");
        return new TransferReport(Offsets.Count, done, items);
    }
}
