using System.Globalization;
using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Catalogue;

/// <summary>What a declaration came to: it is in effect, and durable.</summary>
/// <param name="Entry">The queue as it is now.</param>
/// <param name="IsNew">True when nobody had declared it before.</param>
/// <param name="Changes">What is not as it was; for a new queue, what is not as it would be without being asked for.</param>
internal sealed record DeclarationOutcome(QueueEntry Entry, bool IsNew, IReadOnlyList<SettingChange> Changes);

/// <summary>A setting of a queue that a declaration has changed.</summary>
/// <param name="Setting">Its name.</param>
/// <param name="Before">Its value before; "none" for no value.</param>
/// <param name="After">Its value now.</param>
internal sealed record SettingChange(string Setting, string Before, string After)
{
    private static readonly (string Name, Func<QueueEntry, object?> Read)[] Settings =
    [
        ("partition_count", static entry => entry.PartitionCount),
        ("max_retries", static entry => entry.Settings.MaxRetries),
        ("default_message_ttl_ms", static entry => entry.Settings.DefaultTtlMs),
        ("dead_letter_policy", static entry => DescribePolicy(entry.Settings.DeadLetterPolicy)),
        ("max_messages", static entry => entry.Settings.MaxMessages),
        ("max_bytes", static entry => entry.Settings.MaxBytes),
        ("overflow", static entry => entry.Settings.Overflow),
        ("delete_after_idle_ms", static entry => entry.Settings.DeleteAfterIdleMs),
    ];

    public override string ToString() => $"{Setting}: {Before} -> {After}";

    public static IReadOnlyList<SettingChange> Between(QueueEntry before, QueueEntry after) =>
        [.. Settings.Select(setting => new SettingChange(setting.Name, Text(setting.Read(before)), Text(setting.Read(after))))
            .Where(static change => change.Before != change.After)];

    private static string Text(object? value) => value is null ? "none" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string? DescribePolicy(DeadLetterPolicy? policy) => policy switch
    {
        null => null,
        { Kind: DeadLetterPolicyKind.Custom, Topic: { } topic } => $"custom {new QueueName(topic, policy.Group)}",
        _ => policy.Kind.ToString(),
    };
}
