using System.Globalization;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Queues;

/// <summary>What somebody writes into the form of a queue's settings, and what it would change.</summary>
/// <remarks>A declaration leaves alone what it does not name, so a bound that was set can become another and cannot be taken away.</remarks>
public sealed class QueueDraft(QueueRow queue)
{
    private const string CannotBeTakenAway = "cannot be taken away once it is set; write another number, as large as you like";

    public QueueRow Queue => queue;

    public string? Partitions { get; set; } = Text(queue.PartitionCount);

    /// <summary><c>discard</c>, <c>global</c> or <c>custom</c>.</summary>
    public string? Policy { get; set; } = queue.Settings.Dlq.Policy;

    public string? TargetTopic { get; set; } = queue.Settings.Dlq.Target?.Topic;

    public string? TargetGroup { get; set; } = queue.Settings.Dlq.Target?.Group;

    public string? MaxRetries { get; set; } = Text(queue.Settings.MaxRetries);

    public string? TtlSeconds { get; set; } = Seconds(queue.Settings.DefaultMessageTtlMs);

    public string? MaxMessages { get; set; } = Text(queue.Settings.MaxMessages);

    public string? MaxBytes { get; set; } = Text(queue.Settings.MaxBytes);

    /// <summary><c>reject</c> or <c>drop_oldest</c>.</summary>
    public string? Overflow { get; set; } = queue.Settings.Overflow;

    public string? ExpireSeconds { get; set; } = Seconds(queue.Settings.ExpireAfterIdleMs);

    private DeadLetterPolicy NewPolicy => new(Policy ?? "discard", Policy == "custom" ? new ChannelName(TargetTopic?.Trim() ?? "", Blank(TargetGroup)) : null);

    private IEnumerable<Number> Numbers =>
    [
        new("partition_count", "Partitions", queue.PartitionCount, Partitions, 1, static value => Show.Exact(value)),
        new("max_retries", "Most retries", queue.Settings.MaxRetries, MaxRetries, 1, static value => value is null ? "no limit" : Show.Exact(value)),
        new("default_message_ttl_ms", "Default time to live", queue.Settings.DefaultMessageTtlMs, TtlSeconds, 1000, static value => Time(value, "for ever")),
        new("max_messages", "Most messages of a partition", queue.Settings.MaxMessages, MaxMessages, 1, static value => value is null ? "no limit" : Show.Exact(value)),
        new("max_bytes", "Most bytes of a partition", queue.Settings.MaxBytes, MaxBytes, 1, static value => value is null ? "no limit" : Show.Bytes(value)),
        new("expire_after_idle_ms", "Delete when idle for", queue.Settings.ExpireAfterIdleMs, ExpireSeconds, 1000, static value => Time(value, "never")),
    ];

    /// <summary>What is wrong with what was written, field by field; empty when it can be sent.</summary>
    public IReadOnlyList<FieldProblem> Problems
    {
        get
        {
            var problems = new List<FieldProblem>();
            foreach (Number number in Numbers)
            {
                if (number.IsBlank && number.Before is not null) problems.Add(new FieldProblem(number.Field, CannotBeTakenAway));
                else if (!number.IsBlank && number.After is null) problems.Add(new FieldProblem(number.Field, "is no number; write one that is not below 0"));
            }

            if (Numbers.First() is { After: { } count } && count < queue.PartitionCount) problems.Add(new FieldProblem("partition_count", $"is below {queue.PartitionCount}; a queue can only grow"));
            if (Policy == "custom" && string.IsNullOrWhiteSpace(TargetTopic)) problems.Add(new FieldProblem("target", "is empty; name the queue that dead letters go to"));
            return problems;
        }
    }

    /// <summary>What would be different, with what that means.</summary>
    public IReadOnlyList<PlannedChange> Changes
    {
        get
        {
            var changes = new List<PlannedChange>();
            foreach (Number number in Numbers)
            {
                if (number.IsChanged) changes.Add(new PlannedChange(number.Label, number.Show(number.Before), number.Show(number.After), EffectOf(number)));
            }

            if (NewPolicy != queue.Settings.Dlq)
                changes.Add(new PlannedChange("Dead letters", queue.Settings.Dlq.ToString(), NewPolicy.ToString(), EffectOf(NewPolicy)));
            if (Overflow != queue.Settings.Overflow)
            {
                changes.Add(new PlannedChange(
                    "When it is full", Show.Words(queue.Settings.Overflow), Show.Words(Overflow), Overflow == "drop_oldest" ? "Beyond a limit the oldest message is lost." : "Beyond a limit publishers get an error."));
            }

            return changes;
        }
    }

    /// <summary>The request: what is not changed is not named.</summary>
    public object Body => new
    {
        queue.Topic,
        queue.Group,
        PartitionCount = Changed("partition_count"),
        Policy = NewPolicy == queue.Settings.Dlq ? null : Policy,
        Target = NewPolicy == queue.Settings.Dlq ? null : NewPolicy.Target,
        MaxRetries = Changed("max_retries"),
        DefaultMessageTtlMs = Changed("default_message_ttl_ms"),
        MaxMessages = Changed("max_messages"),
        MaxBytes = Changed("max_bytes"),
        Overflow = Overflow == queue.Settings.Overflow ? null : Overflow,
        ExpireAfterIdleMs = Changed("expire_after_idle_ms"),
    };

    public string Command
    {
        get
        {
            bool isNewPolicy = NewPolicy != queue.Settings.Dlq;
            return new CliCommand("queue", "declare", queue.Topic).With("--group", queue.Group).With("--partitions", Changed("partition_count"))
                .With("--dlq", isNewPolicy ? Policy : null).With("--dlq-topic", isNewPolicy ? NewPolicy.Target?.Topic : null).With("--dlq-group", isNewPolicy ? NewPolicy.Target?.Group : null)
                .With("--max-retries", Changed("max_retries")).With("--default-ttl", Milliseconds("default_message_ttl_ms")).With("--max-messages", Changed("max_messages"))
                .With("--max-bytes", Changed("max_bytes")).With("--overflow", Overflow == queue.Settings.Overflow ? null : Overflow)
                .With("--expire-after-idle", Milliseconds("expire_after_idle_ms")).ToString();
        }
    }

    private long? Changed(string field) => Numbers.First(number => number.Field == field) is { IsChanged: true } number ? number.After : null;

    private string? Milliseconds(string field) => Changed(field) is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time}ms") : null;

    private string EffectOf(Number number) => number.Field switch
    {
        "partition_count" => "New partitions are used at once; messages that have a key may go to another partition than before.",
        "max_retries" => number.After < (number.Before ?? long.MaxValue) ? "Messages that have had as many become dead letters when they fail next." : "Messages are tried more often before they become dead letters.",
        "default_message_ttl_ms" => "For messages that are published from now on and bring none of their own.",
        "max_messages" or "max_bytes" when number.After == 0 => "Nothing can be published any more.",
        "max_messages" when number.After < queue.ReadyCount / Math.Max(1, queue.PartitionCount) => "There are more already. They stay, and a new one is refused or takes the place of the oldest.",
        "max_messages" or "max_bytes" => "For messages that are published from now on.",
        _ => "The queue goes away by itself when it was empty and nobody used it for so long.",
    };

    private static string EffectOf(DeadLetterPolicy policy) => policy.Policy switch
    {
        "discard" => "Messages that fail for good are lost.",
        "global" => "Messages that fail for good go to the broker's dead-letter queue, if there is one.",
        _ => $"Messages that fail for good go to {policy.Target}.",
    };

    private static string Time(long? milliseconds, string none) => milliseconds is { } time ? Show.Milliseconds(time) : none;

    private static string? Text(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Seconds(long? milliseconds) => (milliseconds / 1000m)?.ToString("0.###", CultureInfo.InvariantCulture);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>One number of the form.</summary>
    private sealed record Number(string Field, string Label, long? Before, string? Written, int Unit, Func<long?, string> Show)
    {
        public bool IsBlank => string.IsNullOrWhiteSpace(Written);

        public long? After =>
            decimal.TryParse(Written, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out decimal number)
            && number <= long.MaxValue / Unit && (Unit > 1 || number == decimal.Truncate(number)) ? (long)(number * Unit) : null;

        public bool IsChanged => After is not null && After != Before;
    }
}
