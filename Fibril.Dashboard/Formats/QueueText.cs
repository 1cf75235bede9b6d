using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Formats;

/// <summary>A queue in one line of text: <c>orders</c>, or <c>orders @ eu</c>. No topic has spaces or an @.</summary>
public static class QueueText
{
    /// <returns>Null when there is no topic in it.</returns>
    public static ChannelName? Parse(string? text)
    {
        if (text?.Split('@', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } topic, .. var rest]) return null;
        return new ChannelName(topic, rest is [{ Length: > 0 } group] ? group : null);
    }

    public static string Of(string? topic, string? group) => topic is null ? "" : Show.Channel(topic, group);
}
