using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Bench;

/// <summary>The result of a measurement.</summary>
/// <param name="What">What was measured, as scripts name it.</param>
/// <param name="Messages">How many.</param>
/// <param name="PayloadBytes">Bytes of all payloads.</param>
/// <param name="Elapsed">From the first to the last.</param>
/// <param name="Latency">How long each took; empty when single ones were not measured.</param>
internal sealed record BenchReport(string What, long Messages, long PayloadBytes, TimeSpan Elapsed, Percentiles Latency)
{
    public static View View { get; } = new(new Sheet(
        null, "",
        Column.Text("Measured", "what"), Column.Count("Messages", "messages"), Column.Milliseconds("Time", "elapsed_ms"), Column.Rate("Messages per second", "messages_per_sec"),
        Column.Bytes("Payload per second", "bytes_per_sec"), Column.Milliseconds("p50", "p50_ms"), Column.Milliseconds("p95", "p95_ms"), Column.Milliseconds("p99", "p99_ms"),
        Column.Milliseconds("p99.9", "p999_ms"), Column.Milliseconds("Max", "max_ms")));

    public JsonElement ToJson()
    {
        double seconds = Math.Max(Elapsed.TotalSeconds, 1e-9);
        var document = new JsonObject
        {
            ["what"] = What,
            ["messages"] = Messages,
            ["payload_bytes"] = PayloadBytes,
            ["elapsed_ms"] = Math.Round(Elapsed.TotalMilliseconds, 3),
            ["messages_per_sec"] = Math.Round(Messages / seconds, 1),
            ["bytes_per_sec"] = Math.Round(PayloadBytes / seconds),
        };
        if (Latency.Count == 0) return AdminJson.Element(document);
        foreach ((string name, double share) in (ReadOnlySpan<(string, double)>)[("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99), ("p999_ms", 0.999)])
            document[name] = Math.Round(Latency.At(share).TotalMilliseconds, 3);
        document["max_ms"] = Math.Round(Latency.Max.TotalMilliseconds, 3);
        return AdminJson.Element(document);
    }

    /// <summary>One line for people who wait.</summary>
    public static string Progress(long done, TimeSpan elapsed) => $"{Amounts.Count(done, "message", "messages")}, {Amounts.Rate(done, elapsed)}";
}
