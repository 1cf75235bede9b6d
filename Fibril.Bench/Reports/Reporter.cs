using System.Globalization;
using System.Text.Json;
using Fibril.Bench.Machine;
using Spectre.Console;

namespace Fibril.Bench.Reports;

/// <summary>Shows results as tables on standard output and writes them as JSON.</summary>
internal sealed class Reporter(BenchOptions options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<(string Name, IReadOnlyList<BenchResult> Runs)> _scenarios = [];

    /// <summary>Runs a scenario as often as asked, keeps every run, and shows the one with the median headline.</summary>
    public async Task RunAsync(string name, Func<BenchOptions, Task<BenchResult>> scenario)
    {
        var runs = new List<BenchResult>();
        for (int run = 1; run <= options.Runs; run++)
        {
            Say($"{name}, run {run} of {options.Runs} ...");
            runs.Add(await scenario(options));
        }

        _scenarios.Add((name, runs));
        Show(runs.OrderBy(static run => run.Metrics[run.Headline]).ElementAt(runs.Count / 2), runs);
    }

    /// <summary>Writes what was asked for: the JSON file, and the plot of every latency distribution.</summary>
    public void Finish()
    {
        if (options.JsonPath is { } json)
        {
            var document = new
            {
                machine = MachineFacts.Read(options.DataDirectory),
                measured_at = DateTimeOffset.UtcNow,
                results = _scenarios.SelectMany(static scenario => scenario.Runs),
            };
            File.WriteAllText(json, JsonSerializer.Serialize(document, Indented));
            Say($"wrote {json}");
        }

        if (options.PlotPath is { } plot)
        {
            PercentilePlot.Write(plot, _scenarios);
            Say($"wrote {plot}");
        }
    }

    private static void Show(BenchResult median, List<BenchResult> runs)
    {
        string parameters = string.Join(", ", median.Parameters.Select(static pair => $"{pair.Key} {pair.Value}"));
        string title = parameters.Length == 0 ? "" : $" ({Markup.Escape(parameters)})";
        Table table = new Table().Title($"[bold]{median.Scenario}[/]{title}").AddColumn("metric").AddColumn("median run");
        table.AddColumn("all runs");
        foreach ((string metric, double value) in median.Metrics)
            table.AddRow(metric, Format(value), string.Join("  ", runs.Select(run => Format(run.Metrics[metric]))));

        AnsiConsole.Write(table);
    }

    private static string Format(double value) => value switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("N1", CultureInfo.InvariantCulture),
        _ => value.ToString("N3", CultureInfo.InvariantCulture),
    };

    private static void Say(string text) => Console.Error.WriteLine(text);
}
