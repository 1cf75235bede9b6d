using System.CommandLine;
using System.Numerics;
using Fibril.Bench;
using Fibril.Bench.Load;
using Fibril.Bench.Reports;
using Fibril.Bench.Scenarios;

var payload = Number("--payload", "Payload size in bytes.", 1024, least: Numbered.HeaderBytes);
var window = Number("--window", "Confirmations in flight per producer; 1 publishes one at a time.", 1024, least: 1);
var producers = Number("--producers", "Publishing connections.", 4, least: 1);
var consumers = Number("--consumers", "Consuming connections.", 1, least: 1);
var subscribers = Number("--subscribers", "Readers of a stream, each with a connection.", 16, least: 1);
var prefetch = Number("--prefetch", "Unsettled deliveries per consumer.", 1024, least: 1);
var partitions = Number("--partitions", "Partitions of the queue.", 1, least: 1);
var seconds = Number("--seconds", "Seconds to measure.", 10.0, least: 0.1);
var warmUp = Number("--warm-up", "Seconds before measuring begins.", 3.0, least: 0.0);
var messages = Number("--messages", "Messages of a backlog, or queues of the idle scenario.", 1_000_000, least: 1);
var rate = Number("--rate", "Messages a second of the latency scenario.", 2000, least: 1);
var runs = Number("--runs", "Runs of each scenario; the table shows the median.", 1, least: 1);
var rounds = Number("--rounds", "Rounds of a comparison.", 5, least: 1);
var traced = Number("--traced", "Of a thousand messages, how many carry a sampled trace context.", 0, least: 0);
var together = new Option<bool>("--together") { Description = "Runs what is compared at the same time.", Recursive = true };
var other = new Option<string?>("--other-server") { Description = "Another build's fibril-server.dll to compare with.", Recursive = true };
var dataDir = new Option<string>("--data-dir") { Description = "Where brokers keep their data; choose the disk to measure.", DefaultValueFactory = static _ => new BenchOptions().DataDirectory, Recursive = true };
var json = new Option<string?>("--json") { Description = "Writes every run to this file.", Recursive = true };
var plot = new Option<string?>("--plot") { Description = "Draws the latency percentiles to this SVG file.", Recursive = true };

var root = new RootCommand(
    "Measures a Fibril broker in a process of its own. Every confirm is after an fdatasync.\n\n"
    + "  fibril-bench all --runs 3 --json results.json --plot latency.svg\n"
    + "  fibril-bench publish --producers 4 --payload 1024\n"
    + "  fibril-bench latency --rate 2000")
{
    payload, window, producers, consumers, subscribers, prefetch, partitions, seconds, warmUp, messages, rate, runs, rounds, traced, together, other, dataDir, json, plot,
};
Add("publish", "Confirmed publishes into a queue without consumers.", static report => report.RunAsync("publish", PublishScenario.PublishAsync));
Add("end-to-end", "Confirmed publishes with consumers that complete every message.", static report => report.RunAsync("end to end", PublishScenario.EndToEndAsync));
Add("drain", "Fills a queue, then consumes it.", static report => report.RunAsync("drain", BacklogScenario.DrainAsync));
Add("latency", "Delivery latency at a fixed rate.", static report => report.RunAsync("latency", FixedRateScenario.RunAsync));
Add("recovery", "Fills a queue, kills the broker, and times its way back.", static report => report.RunAsync("recovery", BacklogScenario.RecoverAsync));
Add("memory", "Fills a queue, restarts the broker, and reads its memory.", static report => report.RunAsync("memory", BacklogScenario.MemoryAsync));
Add("idle-queues", "Declares many queues and restarts the broker.", static report => report.RunAsync("idle queues", IdleQueuesScenario.RunAsync));
Add("pinned", "Lets many messages come and go behind one that stays, and looks at the disk.", static report => report.RunAsync("pinned", PinnedScenario.RunAsync));
Add("fan-out", "One producer and many readers of one stream.", static report => report.RunAsync("fan-out", FanOutScenario.ThroughputAsync));
Add("stream-latency", "Latency of a stream at a fixed rate, in each tier.", static report => report.RunAsync("stream latency", FanOutScenario.LatencyAsync));
Add("telemetry", "What OTLP export costs, and how another build compares.", static report => report.RunAsync("telemetry", TelemetryScenario.RunAsync));
Add("disk", "What the disk does without a broker.", static report => report.RunAsync("disk", LimitScenarios.DiskAsync));
Add("loopback", "What the network stack does without a broker.", static report => report.RunAsync("loopback", LimitScenarios.LoopbackAsync));
Add("all", "The standard set, with the limits of disk and loopback beside it.", RunAllAsync);
return await root.Parse(args).InvokeAsync();

// A run with a number that makes no sense would hang, or be labelled with what it did not do.
static Option<T> Number<T>(string name, string description, T usual, T least) where T : struct, INumber<T>
{
    var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => usual, Recursive = true };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() < least) result.AddError($"{name} is too small; use {least} or more.");
    });
    return option;
}

void Add(string name, string description, Func<Reporter, Task> run)
{
    var command = new Command(name, description);
    command.SetAction(async (parsed, _) =>
    {
        var report = new Reporter(Read(parsed));
        await run(report);
        report.Finish();
        return 0;
    });
    root.Subcommands.Add(command);
}

BenchOptions Read(ParseResult parsed) => new()
{
    PayloadBytes = parsed.GetValue(payload),
    Window = parsed.GetValue(window),
    Producers = parsed.GetValue(producers),
    Consumers = parsed.GetValue(consumers),
    Subscribers = parsed.GetValue(subscribers),
    Prefetch = parsed.GetValue(prefetch),
    Partitions = parsed.GetValue(partitions),
    Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
    WarmUp = TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
    Messages = parsed.GetValue(messages),
    Rate = parsed.GetValue(rate),
    Runs = parsed.GetValue(runs),
    Rounds = parsed.GetValue(rounds),
    TracedPerMille = parsed.GetValue(traced),
    Together = parsed.GetValue(together),
    OtherServer = parsed.GetValue(other),
    DataDirectory = parsed.GetValue(dataDir)!,
    JsonPath = parsed.GetValue(json),
    PlotPath = parsed.GetValue(plot),
};

static async Task RunAllAsync(Reporter report)
{
    await report.RunAsync("disk", LimitScenarios.DiskAsync);
    await report.RunAsync("loopback", LimitScenarios.LoopbackAsync);
    await report.RunAsync("one at a time", static options => PublishScenario.PublishAsync(options with { Producers = 1, Window = 1 }));
    await report.RunAsync("publish, 1 producer", static options => PublishScenario.PublishAsync(options with { Producers = 1 }));
    await report.RunAsync("publish, 4 producers", static options => PublishScenario.PublishAsync(options with { Producers = 4 }));
    await report.RunAsync("end to end", static options => PublishScenario.EndToEndAsync(options with { Producers = 1 }));
    await report.RunAsync("drain", static options => BacklogScenario.DrainAsync(options with { PayloadBytes = 256 }));
    await report.RunAsync("latency", FixedRateScenario.RunAsync);
    await report.RunAsync("recovery", static options => BacklogScenario.RecoverAsync(options with { PayloadBytes = 256 }));
}
