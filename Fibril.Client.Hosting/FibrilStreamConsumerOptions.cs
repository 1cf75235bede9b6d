namespace Fibril.Client.Hosting;

/// <summary>How a hosted consumer reads a stream: one record after the other, from the place that the broker remembers by a name.</summary>
/// <remarks>Bound to the configuration section <c>Fibril:Consumers:</c>topic and checked when the host starts.</remarks>
public sealed class FibrilStreamConsumerOptions : ConsumerOptions
{
    /// <summary>As of <see cref="StreamSubscribeOptions.DurableName"/>. Required.</summary>
    public string? DurableName { get; set; }

    /// <summary>The subscription that these options mean.</summary>
    internal StreamSubscribeOptions ToSubscribeOptions() => new()
    {
        DurableName = DurableName,
        Prefetch = Prefetch ?? 2,
    };

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        if (string.IsNullOrEmpty(DurableName))
            throw new ArgumentException($"{nameof(DurableName)} is empty; name the place that this application reads from.", nameof(DurableName));
        ToSubscribeOptions().Validate();
    }
}
