namespace Fibril.Broker.Queues.Inspection;

/// <summary>A set of message states.</summary>
internal readonly record struct StatusFilter
{
    private static readonly MessageStatus[] Known = Enum.GetValues<MessageStatus>();

    private readonly int _bits;

    private StatusFilter(int bits) => _bits = bits;

    /// <summary>Everything that is not settled (O-1).</summary>
    public static StatusFilter Active { get; } =
        Of(MessageStatus.Ready, MessageStatus.Inflight, MessageStatus.Delayed, MessageStatus.PendingDlq);

    public static StatusFilter All { get; } = Of(Known);

    public static StatusFilter Of(params ReadOnlySpan<MessageStatus> statuses)
    {
        int bits = 0;
        foreach (MessageStatus status in statuses) bits |= 1 << (int)status;
        return new StatusFilter(bits);
    }

    /// <summary>Reads names with commas between them; null when there are none.</summary>
    /// <exception cref="ArgumentException">A name is unknown (O-5). The message says which, and what to write instead.</exception>
    public static StatusFilter? Parse(string? names)
    {
        int bits = 0;
        foreach (string name in (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int known = Array.FindIndex(Known, status => MessageStatuses.NameOf(status) == name);
            if (known < 0) throw Unknown(name);
            bits |= 1 << (int)Known[known];
        }

        return bits == 0 ? null : new StatusFilter(bits);
    }

    public bool Has(MessageStatus status) => (_bits & (1 << (int)status)) != 0;

    private static ArgumentException Unknown(string name) => new(
        $"\"{name}\" is no state of a message. Use one or more of {string.Join(", ", Known.Select(MessageStatuses.NameOf))}, "
        + "with commas between them.");
}
