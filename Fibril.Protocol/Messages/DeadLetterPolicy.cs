namespace Fibril.Protocol;

/// <summary>Tags of the dead-letter policy union. Frozen.</summary>
public enum DeadLetterPolicyKind : byte
{
    /// <summary>The message is dropped.</summary>
    Discard = 0,
    /// <summary>The message goes to the broker-wide dead-letter queue.</summary>
    Global = 1,
    /// <summary>The message goes to a named queue.</summary>
    Custom = 2,
}

/// <summary>Where a message goes that failed for good.</summary>
public sealed record DeadLetterPolicy : IWireElement<DeadLetterPolicy>
{
    private DeadLetterPolicy(DeadLetterPolicyKind kind, string? topic, string? group)
    {
        Kind = kind;
        Topic = topic;
        Group = group;
    }

    /// <summary>Which variant this is.</summary>
    public DeadLetterPolicyKind Kind { get; }

    /// <summary>Topic of the target queue; null unless <see cref="DeadLetterPolicyKind.Custom"/>.</summary>
    public string? Topic { get; }

    /// <summary>Namespace of the target queue; null = absent. Only for <see cref="DeadLetterPolicyKind.Custom"/>.</summary>
    public string? Group { get; }

    /// <summary>Drop the message.</summary>
    public static DeadLetterPolicy Discard { get; } = new(DeadLetterPolicyKind.Discard, null, null);

    /// <summary>Send it to the broker-wide dead-letter queue.</summary>
    public static DeadLetterPolicy Global { get; } = new(DeadLetterPolicyKind.Global, null, null);

    /// <summary>Send it to a queue; the server chooses the partition.</summary>
    public static DeadLetterPolicy Custom(string topic, string? group) => new(DeadLetterPolicyKind.Custom, topic, group);

    static int IWireElement<DeadLetterPolicy>.SmallestBytes => 1;

    int IWireElement<DeadLetterPolicy>.Measure() =>
        Topic is null ? 1 : 1 + WireWriter.Measure(Topic) + WireWriter.MeasureOptional(Group);

    void IWireElement<DeadLetterPolicy>.Write(ref WireWriter writer)
    {
        writer.WriteU8((byte)Kind);
        if (Topic is null) return;
        writer.WriteString(Topic);
        writer.WriteOptional(Group);
    }

    static DeadLetterPolicy IWireElement<DeadLetterPolicy>.Read(scoped ref WireReader reader) =>
        (DeadLetterPolicyKind)reader.ReadClosed8((byte)DeadLetterPolicyKind.Custom) switch
        {
            DeadLetterPolicyKind.Custom => Custom(reader.ReadString(), reader.ReadOptionalString()),
            DeadLetterPolicyKind.Global => Global,
            _ => Discard,
        };
}
