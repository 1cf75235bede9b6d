namespace Fibril.Bench;

/// <summary>What a run of the bench was asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Payload size in bytes, at least that of <see cref="Load.Numbered.HeaderBytes"/>.</summary>
    public int PayloadBytes { get; init; } = 1024;

    /// <summary>Confirmations in flight per producer; 1 publishes one at a time.</summary>
    public int Window { get; init; } = 1024;

    public int Producers { get; init; } = 4;

    public int Consumers { get; init; } = 1;

    /// <summary>Readers of a stream, each with a connection of its own.</summary>
    public int Subscribers { get; init; } = 16;

    public int Prefetch { get; init; } = 1024;

    public int Partitions { get; init; } = 1;

    /// <summary>How long to measure, after a warm-up.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Messages of the scenarios that count messages instead of time.</summary>
    public int Messages { get; init; } = 1_000_000;

    /// <summary>Messages a second of the fixed-rate scenario.</summary>
    public int Rate { get; init; } = 2000;

    /// <summary>How often each scenario runs; the table shows the median.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>Where brokers keep their data; a fresh directory below it per run.</summary>
    public string DataDirectory { get; init; } = Path.Combine(Path.GetTempPath(), "fibril-bench");

    /// <summary>The broker's program; null for the one that came with the bench.</summary>
    public string? Server { get; init; }

    /// <summary>Another build of the broker's program to compare with; null for none.</summary>
    public string? OtherServer { get; init; }

    /// <summary>Variables that brokers are started with, beside those of this process.</summary>
    public IReadOnlyDictionary<string, string> BrokerEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Rounds of a comparison.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>True runs what is compared at the same time.</summary>
    public bool Together { get; init; }

    /// <summary>Of a thousand messages, how many carry a sampled trace context.</summary>
    public int TracedPerMille { get; init; }

    public string? JsonPath { get; init; }

    public string? PlotPath { get; init; }
}
