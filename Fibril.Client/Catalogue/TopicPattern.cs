using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Says which channels a pattern subscription is for .</summary>
internal sealed class TopicPattern
{
    private readonly string _pattern;
    private readonly ChannelKind _kind;
    private readonly string? _group;

    /// <exception cref="ArgumentException">The pattern is empty.</exception>
    public TopicPattern(string pattern, ChannelKind kind, string? group)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        _pattern = pattern;
        _kind = kind;
        _group = group;
    }

    public ChannelKind Kind => _kind;

    public override string ToString() => _pattern;

    public bool Matches(ChannelKey channel, ChannelKind kind) => kind == _kind && channel.Group == _group && Names.Matches(_pattern, channel.Topic);
}
