using System.Text;
using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>A queue's name, checked, with its group in the one spelling that means it, and in the form that goes over the wire.</summary>
internal sealed class QueueAddress : IEquatable<QueueAddress>
{
    private readonly byte[] _topic;
    private readonly byte[]? _group;
    private string? _destination;

    private QueueAddress(string topic, byte[] topicUtf8, string? group, byte[]? groupUtf8)
    {
        Topic = topic;
        Group = group;
        Key = new ChannelKey(topic, group);
        _topic = topicUtf8;
        _group = groupUtf8;
    }

    public string Topic { get; }

    /// <summary>Null for the ungrouped queue.</summary>
    public string? Group { get; }

    /// <summary>Both in one text, for telemetry.</summary>
    public string Destination => Group is null ? Topic : _destination ??= $"{Group}/{Topic}";

    /// <summary>What the routing table knows the channel by.</summary>
    public ChannelKey Key { get; }

    public ReadOnlySpan<byte> WireTopic => _topic;

    public OptionalUtf8 WireGroup => _group is null ? default : new OptionalUtf8(_group);

    /// <summary>The group in the one spelling that means it .</summary>
    public static string? NormaliseGroup(string? group) => Names.NormaliseGroup(group?.Trim());

    /// <exception cref="ArgumentException">A name breaks a rule; the message says which (NAM-1).</exception>
    public static QueueAddress Create(string topic, string? group)
    {
        ArgumentNullException.ThrowIfNull(topic);
        string? normalised = NormaliseGroup(group);
        return new QueueAddress(
            topic,
            Check(topic, nameof(topic)),
            normalised,
            normalised is null ? null : Check(normalised, nameof(group)));
    }

    public bool Equals(QueueAddress? other) => other is not null && other.Topic == Topic && other.Group == Group;

    public override bool Equals(object? obj) => Equals(obj as QueueAddress);

    public override int GetHashCode() => HashCode.Combine(Topic, Group);

    public override string ToString() => Group is null ? $"queue '{Topic}'" : $"queue '{Topic}' of group '{Group}'";

    private static byte[] Check(string name, string parameter)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        return Names.Explain(utf8) is { } fault
            ? throw new ArgumentException($"'{name}' is not a {parameter} name: {fault}.", parameter)
            : utf8;
    }
}
