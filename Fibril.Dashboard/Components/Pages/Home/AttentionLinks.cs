using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Home;

/// <summary>Where to act on something that needs attention: the queue itself, rather than the list that it is in.</summary>
public static class AttentionLinks
{
    public static string Of(AttentionItem item) => item.Kind switch
    {
        "quarantined" => Link.Quarantine,
        "no_consumer" or "backlog_rising" or "stalled" or "storage_failing" when QueueOf(item.Subject) is { } queue => Link.Queue(queue.Topic, queue.Group),
        "disk_full" or "disk_low" => Link.To(Link.Queues, ("sort", "-stored_bytes")),
        _ => item.ActionHref.TrimStart('/'),
    };

    /// <summary>The list of all that a kind is about; null when there is none.</summary>
    public static string? AllOf(string kind) => kind switch
    {
        "no_consumer" => Link.To(Link.Queues, ("state", "no_consumer"), ("sort", "oldest_ready")),
        "backlog_rising" or "stalled" => Link.To(Link.Queues, ("state", "backlog"), ("sort", "oldest_ready")),
        "quarantined" => Link.Quarantine,
        "queue_state_error" or "storage_failing" => Link.To(Link.Queues, ("state", "error")),
        _ => null,
    };

    /// <summary>Reads <c>topic</c>, <c>topic (group)</c>, <c>topic/partition</c> and <c>topic/partition/group</c>.</summary>
    private static ChannelName? QueueOf(string subject)
    {
        if (subject.EndsWith(')') && subject.IndexOf(" (", StringComparison.Ordinal) is var at and > 0) return new ChannelName(subject[..at], subject[(at + 2)..^1]);
        string[] parts = subject.Split('/');
        return parts is [{ Length: > 0 }, ..] ? new ChannelName(parts[0], parts is [_, _, { } group] ? group : null) : null;
    }
}
