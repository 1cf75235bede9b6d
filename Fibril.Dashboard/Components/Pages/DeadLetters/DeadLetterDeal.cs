using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.DeadLetters;

/// <summary>What somebody wants to do with many dead letters.</summary>
/// <param name="Filter">Which.</param>
/// <param name="IsDeletion">True to delete them, false to replay them.</param>
/// <param name="Target">Where copies go; null for where each came from.</param>
/// <param name="Removes">True to remove each when its copy is durable.</param>
/// <param name="Rate">Most in a second; null for as fast as it goes.</param>
/// <param name="MaxFailures">Stops at so many failures; null for the default of the broker.</param>
/// <param name="Most">Most dead letters; null for all.</param>
public sealed record DeadLetterDeal(
    DeadLetterFilter Filter, bool IsDeletion, ChannelName? Target = null, bool Removes = false, long? Rate = null, long? MaxFailures = null, long? Most = null)
{
    public string Path => IsDeletion ? "admin/api/dlq/settle/bulk" : "admin/api/dlq/replay/bulk";

    public string Verb => IsDeletion ? "Delete" : Removes ? "Move" : "Replay";

    /// <summary>True when the broker cannot take it back: then there is time to think before it is sent.</summary>
    public bool IsFinal => IsDeletion || Removes;

    /// <summary>The same, of what a dry run has counted only: what came in since is left alone, however long somebody thinks about it.</summary>
    /// <param name="counted">The dry run; times are those of the broker's clock.</param>
    public DeadLetterDeal AsCounted(DeadLetterJob counted)
    {
        long before = counted.StartedMs + 1; // the end of a filter is not in it, and what was dead in that millisecond was counted
        return this with { Filter = Filter with { ToMs = Math.Min(Filter.ToMs ?? long.MaxValue, before) }, Most = counted.Matched };
    }

    /// <summary>As the API takes it.</summary>
    public object ToBody(bool dryRun) => IsDeletion
        ? new { DlqTopic = Filter.Queue.Topic, DlqGroup = Filter.Queue.Group, Filter = Filter.ToBody(Most), DryRun = dryRun, RateLimitPerSec = Rate }
        : new
        {
            DlqTopic = Filter.Queue.Topic,
            DlqGroup = Filter.Queue.Group,
            Filter = Filter.ToBody(Most),
            DryRun = dryRun,
            RateLimitPerSec = Rate,
            MaxFailures,
            After = Removes ? "ack" : "keep",
            Target,
        };

    /// <param name="count">Dead letters that a dry run has found.</param>
    public Confirmation Ask(long count)
    {
        string letters = Show.Plural(count, "dead letter");
        string where = Target is null ? "the queues they came from" : $"{Target}";
        return new Confirmation(
            IsDeletion ? $"Delete {letters}?" : $"{Verb} {letters} to {where}?",
            IsDeletion
                ? $"{letters} of {Filter.Queue} are gone for good, and no copy is kept: {Filter}."
                : $"A copy of each goes to {where}, and consumers there get it at once: {Filter}. " + (Removes
                    ? $"Each is removed from {Filter.Queue} when its copy is durable, and that cannot be taken back."
                    : $"The originals stay in {Filter.Queue}. The copies can be withdrawn afterwards, as long as nobody was given them."),
            Verb)
        {
            Typed = IsDeletion ? Filter.Queue.Topic : null,
            IsDangerous = IsFinal,
            Command = Command,
        };
    }

    /// <summary>The command that does the same.</summary>
    public string Command
    {
        get
        {
            CliCommand command = Filter.AddTo(new CliCommand("dlq", IsDeletion ? "settle" : "replay", Filter.Queue.Topic));
            if (!IsDeletion) command.With("--to", Target?.Topic).With("--to-group", Target?.Group).With("--after", Removes ? "ack" : null).With("--max-failures", MaxFailures);
            return command.With("--max", Most).With("--rate", Rate).ToString();
        }
    }
}
