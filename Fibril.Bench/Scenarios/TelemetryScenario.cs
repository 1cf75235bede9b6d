using Fibril.Bench.Machine;
using Fibril.Bench.Reports;

namespace Fibril.Bench.Scenarios;

/// <summary>
/// What telemetry costs: the same load on a broker that exports nothing, on one that exports by OTLP, and, when another build is given, on
/// that. They take turns, or run at the same time when the machine has other work that comes and goes; each round is compared within itself.
/// </summary>
internal static class TelemetryScenario
{
    public static async Task<BenchResult> RunAsync(BenchOptions options)
    {
        await using var sink = new OtlpSink();
        List<(string Name, BenchOptions Options)> variants =
        [
            ("off", options),
            ("otlp", options with { BrokerEnvironment = sink.Environment }),
        ];
        if (options.OtherServer is { } other) variants.Add(("other build", options with { Server = other }));
        var rounds = new List<Dictionary<string, BenchResult>>();
        for (int round = 0; round < options.Rounds; round++)
        {
            var results = new Dictionary<string, BenchResult>();
            if (options.Together)
            {
                BenchResult[] together = await Task.WhenAll(Turn(variants, round).Select(static variant => PublishScenario.EndToEndAsync(variant.Options)));
                foreach (((string name, _), BenchResult result) in Turn(variants, round).Zip(together)) results[name] = result;
            }
            else
            {
                foreach ((string name, BenchOptions variant) in Turn(variants, round)) results[name] = await PublishScenario.EndToEndAsync(variant);
            }

            rounds.Add(results);
            Console.Error.WriteLine(string.Join(", ", results.OrderBy(static result => result.Key).Select(static result =>
                $"{result.Key} {result.Value.Metrics["received /s"]:N0}/s {result.Value.Metrics["broker processor us/message"]:N2} us")));
        }

        var metrics = new Dictionary<string, double>();
        foreach ((string name, _) in variants) metrics[$"{name}: received /s"] = Median([.. rounds.Select(round => round[name].Metrics["received /s"])]);
        Compare(metrics, rounds, "otlp", "off");
        if (options.OtherServer is not null) Compare(metrics, rounds, "off", "other build");
        metrics["otlp: exported kB"] = sink.Bytes / 1e3;
        return new BenchResult("telemetry", new Dictionary<string, string> { ["rounds"] = $"{options.Rounds}", ["traced"] = $"{options.TracedPerMille} ‰" }, metrics);
    }

    /// <summary>Every round begins with another one.</summary>
    private static IEnumerable<(string Name, BenchOptions Options)> Turn(List<(string Name, BenchOptions Options)> variants, int round) =>
        Enumerable.Range(0, variants.Count).Select(i => variants[(i + round) % variants.Count]);

    private static void Compare(Dictionary<string, double> metrics, List<Dictionary<string, BenchResult>> rounds, string one, string reference)
    {
        Spread(metrics, $"{one} / {reference}, throughput", [.. rounds.Select(round => round[one].Metrics["received /s"] / round[reference].Metrics["received /s"])]);
        const string Cost = "broker processor us/message";
        Spread(metrics, $"{one} / {reference}, processor", [.. rounds.Select(round => round[one].Metrics[Cost] / round[reference].Metrics[Cost])]);
    }

    private static void Spread(Dictionary<string, double> metrics, string name, double[] ratios)
    {
        metrics[$"{name}, median"] = Median(ratios);
        metrics[$"{name}, least"] = ratios.Min();
        metrics[$"{name}, most"] = ratios.Max();
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
