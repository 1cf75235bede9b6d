namespace Fibril.Cli.Commands.Top;

/// <summary>What there is to show.</summary>
/// <param name="Broker">Which admin API is asked.</param>
/// <param name="Last">Its last answers.</param>
internal sealed record TopModel(string Broker, TopReading Last)
{
    /// <summary>The answers before; null until there are two, which rates take.</summary>
    public TopReading? Before { get; init; }

    public required TopOrder Order { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>Why there was no answer since the last one; null when there was.</summary>
    public string? Trouble { get; init; }

    /// <summary>True when keys are read.</summary>
    public bool HasKeys { get; init; }

    public TopModel With(TopReading reading) => this with { Before = Last, Last = reading, Trouble = null };
}
