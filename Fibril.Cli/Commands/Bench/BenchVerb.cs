using System.CommandLine;
using System.Diagnostics;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;
using Fibril.Client;

namespace Fibril.Cli.Commands.Bench;

/// <summary>A measurement with messages of its own making.</summary>
internal abstract class BenchVerb : Verb
{
    protected const int MostSamples = 1 << 20;

    private const int DefaultBytes = 100;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _count;
    private readonly OutputOption _output = new(OutputFormat.Table);
    private readonly long _defaultCount;

    protected BenchVerb(string name, string description, long defaultCount, GlobalOptions global, CliContext context) : base(name, description, global, context)
    {
        _defaultCount = defaultCount;
        _count = Inputs.Number("--count", $"Messages to measure with; default {Amounts.Count(defaultCount)}.", 1, 1_000_000_000);
        Add(_topic);
        AddOptions(_group, _count);
        _output.AddTo(this);
    }

    protected Option<long?> Size { get; } = Inputs.Number("--size", $"Bytes of each payload; default {DefaultBytes}.", 0, 1 << 20);

    protected byte[] PayloadOf(ParseResult parse) => new byte[parse.GetValue(Size) ?? DefaultBytes];

    protected string? GroupOf(ParseResult parse) => parse.GetValue(_group);

    protected sealed override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        var run = new BenchRun(client, parse.GetRequiredValue(_topic), parse.GetValue(_count) ?? _defaultCount);
        long started = Stopwatch.GetTimestamp();
        await using ITimer progress = Context.Time.CreateTimer(
            _ => talk.Say(BenchReport.Progress(run.Done, Stopwatch.GetElapsedTime(started))), null, ProgressInterval, ProgressInterval);
        BenchReport report = await MeasureAsync(parse, run, cancellationToken);
        await progress.DisposeAsync();
        Print(report.ToJson(), BenchReport.View, _output.Read(parse, Context));
        return ExitCode.Success;
    }

    protected abstract Task<BenchReport> MeasureAsync(ParseResult parse, BenchRun run, CancellationToken cancellationToken);
}

/// <summary>One measurement: where, how many, and how many are done.</summary>
internal sealed class BenchRun(FibrilClient client, string topic, long count)
{
    private long _done;

    public FibrilClient Client => client;

    public string Topic => topic;

    public long Count => count;

    /// <summary>Thread-safe.</summary>
    public long Done => Interlocked.Read(ref _done);

    public void Finish() => Interlocked.Increment(ref _done);
}
