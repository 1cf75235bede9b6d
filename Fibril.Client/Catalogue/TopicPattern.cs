using Fibril.Client.Routing;

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

    public bool Matches(ChannelKey channel, ChannelKind kind) => kind == _kind && channel.Group == _group && Matches(channel.Topic);

    /// <summary>Every <c>*</c> takes as little as it can; when the rest does not fit, the last one takes one more.</summary>
    private bool Matches(ReadOnlySpan<char> topic)
    {
        ReadOnlySpan<char> pattern = _pattern;
        int at = 0;
        int next = 0;
        int star = -1;
        int starAt = 0;
        while (next < topic.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                starAt = next;
            }
            else if (at < pattern.Length && pattern[at] == topic[next])
            {
                at++;
                next++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                next = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }
}
