namespace Fibril.Broker.Channels.Catalogue;

/// <summary>Which kind of channel each topic is, by the channels that it has. Not thread-safe.</summary>
internal sealed class TopicKinds
{
    private readonly Dictionary<string, (ChannelKind Kind, int Count)> _topics = new(StringComparer.Ordinal);

    /// <summary>Null when the topic has no channel.</summary>
    public ChannelKind? Of(string topic) => _topics.TryGetValue(topic, out (ChannelKind Kind, int Count) present) ? present.Kind : null;

    /// <summary>A channel came, went or changed.</summary>
    public void Changed(ChannelEntry? before, ChannelEntry? after)
    {
        if (before is null == after is null) return;
        if (after is not null)
        {
            _topics[after.Name.Topic] = (after.Kind, _topics.GetValueOrDefault(after.Name.Topic).Count + 1);
            return;
        }

        string topic = before!.Name.Topic;
        (ChannelKind kind, int count) = _topics[topic];
        if (count == 1) _topics.Remove(topic);
        else _topics[topic] = (kind, count - 1);
    }

    /// <summary>Starts anew with these channels.</summary>
    public void Reset(IEnumerable<ChannelEntry> entries)
    {
        _topics.Clear();
        foreach (ChannelEntry entry in entries) Changed(null, entry);
    }
}
