using System.Text.Json.Serialization;

namespace Fibril.Cli.Admin;

/// <summary>A queue, as requests name one.</summary>
internal sealed record QueueTarget(string Topic, string? Group);

/// <summary>Declares a queue; what is null is left as it is, or to the broker.</summary>
internal sealed record DeclareQueueRequest(string Topic, string? Group)
{
    public long? PartitionCount { get; init; }

    public string? Policy { get; init; }

    public QueueTarget? Target { get; init; }

    public long? MaxRetries { get; init; }

    public long? DefaultMessageTtlMs { get; init; }

    public long? MaxMessages { get; init; }

    public long? MaxBytes { get; init; }

    public string? Overflow { get; init; }

    public long? ExpireAfterIdleMs { get; init; }
}

internal sealed record DeleteChannelRequest(string Topic, string? Group, string ConfirmTopic);

internal sealed record PurgeRequest(string Topic, string? Group, long? Partition, string Scope, string ConfirmTopic);

internal sealed record QueueDlqRequest(string Topic, string? Group, string Policy, QueueTarget? Target, long? MaxRetries);

internal sealed record StreamRetentionRequest(string Topic, long? MaxAgeMs, long? MaxBytes, long? MaxRecords);

internal sealed record DeleteMessagesRequest(string Topic, string? Group, long Partition, long[] Offsets);

internal sealed record MoveMessagesRequest(string Topic, string? Group, long Partition, long[] Offsets, QueueTarget Target, bool Keep);

internal sealed record GlobalDlqRequest(long ExpectedVersion, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] QueueTarget? Target);

internal sealed record ReplayRequest(string DlqTopic, string? DlqGroup, long Partition, long[] Offsets, string After);

internal sealed record BulkReplayRequest(string DlqTopic, string? DlqGroup, long? Partition, ReplayFilter Filter, bool DryRun, long? RateLimitPerSec, long? MaxFailures, string After, QueueTarget? Target);

internal sealed record BulkSettleRequest(string DlqTopic, string? DlqGroup, long? Partition, ReplayFilter Filter, bool DryRun, long? RateLimitPerSec);

internal sealed record ReplayFilter(
    string[]? Reason, string? SourceTopic, string? SourceGroup, long? FromMs, long? ToMs, Dictionary<string, string>? Header, long? Max, string[]? Fingerprint);

internal sealed record SettleDeadLettersRequest(string DlqTopic, string? DlqGroup, long Partition, long[] Offsets);

internal sealed record CloseConnectionRequest(string? Reason);

internal sealed record AddMemberRequest(ulong Id, string Addr);

internal sealed record RemoveMemberRequest(ulong Id);

internal sealed record RepartitionRequest(string Topic, string? Group, long PartitionCount);

internal sealed record DrainRequest(long? GraceMs, string? Message);

internal sealed record SetUserRequest(string Username, string Password, string? Role);

internal sealed record ChangeUserRequest(string? Password, string? Role, TopicPermission[]? Permissions);

internal sealed record TopicPermission(string Topic, string[] Ops);
