namespace Fibril.Broker.Primitives;

/// <summary>Identity of a queue: a topic and an optional group, both already validated and the group normalised .</summary>
internal readonly record struct QueueName(string Topic, string? Group) : IComparable<QueueName>
{
    public int CompareTo(QueueName other)
    {
        int byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : string.CompareOrdinal(Group, other.Group);
    }

    public override string ToString() => Group is null ? Topic : $"{Topic}@{Group}";

    public static bool operator <(QueueName left, QueueName right) => left.CompareTo(right) < 0;

    public static bool operator >(QueueName left, QueueName right) => left.CompareTo(right) > 0;

    public static bool operator <=(QueueName left, QueueName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(QueueName left, QueueName right) => left.CompareTo(right) >= 0;
}
