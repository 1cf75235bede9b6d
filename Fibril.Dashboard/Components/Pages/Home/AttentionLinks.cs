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

    /// <summary>Reads <c>topic</c>, <c>topic (group)</c>, <c>topic/partition</c> and <c>topic/partition/group</c>.</summary>
    private static ChannelName? QueueOf(string subject)
    {
        if (subject.EndsWith(')') && subject.IndexOf(" (", StringComparison.Ordinal) is var at and > 0) return new ChannelName(subject[..at], subject[(at + 2)..^1]);
        string[] parts = subject.Split('/');
        return parts is [{ Length: > 0 }, ..] ? new ChannelName(parts[0], parts is [_, _, { } group] ? group : null) : null;
    }
}
