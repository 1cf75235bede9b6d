namespace Fibril.Client.Hosting;

/// <summary>How a hosted consumer takes messages from a queue.</summary>
/// <remarks>Bound to the configuration section <c>Fibril:Consumers:</c>topic and checked when the host starts.</remarks>
public sealed class FibrilConsumerOptions : ConsumerOptions
{
    private const int MostConcurrent = 1024;

    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; set; }

    /// <summary>Most messages that are handled at a time; 1 to 1,024, default 1. With more than one the order of messages is not kept.</summary>
    public int Concurrency { get; set; } = 1;

    /// <summary>As of <see cref="SubscribeOptions.Exclusive"/>.</summary>
    public bool Exclusive { get; set; }

    /// <summary>As of <see cref="SubscribeOptions.ConsumerGroup"/>.</summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>
    /// Longest time from its arrival that a message's lease is renewed: a handler that hangs for ever loses its message then. 1 s to 7 days,
    /// default 10 min.
    /// </summary>
    public TimeSpan RenewLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The subscription that these options mean.</summary>
    /// <remarks>
    /// A connection of its own, so that what was taken and not begun goes back to the queue at once when the consumer stops.
    /// </remarks>
    internal SubscribeOptions ToSubscribeOptions() => new()
    {
        Group = Group,
        Prefetch = Prefetch ?? 2 * Concurrency,
        Exclusive = Exclusive,
        ConsumerGroup = ConsumerGroup,
        AutoRenew = true,
        AutoRenewLimit = RenewLimit,
        OwnConnection = true,
    };

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        if (Concurrency is < 1 or > MostConcurrent)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Concurrency), Concurrency, $"{nameof(Concurrency)} is {Concurrency}; use 1 to {MostConcurrent}.");
        }

        ToSubscribeOptions().Validate();
    }
}
