using System.CommandLine;
using System.Diagnostics;
using System.Threading.Channels;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands.Bench;

/// <summary>Measures how fast confirmed publishes are.</summary>
internal sealed class BenchPublishVerb : BenchVerb
{
    private const int DefaultInFlight = 1024;

    private readonly Option<long?> _inFlight = Inputs.Number("--in-flight", $"Most messages that wait for their confirmation at a time; default {DefaultInFlight}.", 1, 1 << 16);

    public BenchPublishVerb(GlobalOptions global, CliContext context)
        : base("publish", "Publishes messages and measures how fast they are confirmed.", 100_000, global, context)
    {
        AddOptions(Size, _inFlight);
        Notes = ["The messages stay in the queue: use one of its own, and delete it afterwards. Times are from publish to confirm."];
        Examples =
        [
            new("fibrilctl bench publish bench.q --count 200000 --size 256", "As fast as it goes."),
            new("fibrilctl bench publish bench.q --in-flight 1 --count 1000", "One after the other: the latency of a single publisher."),
        ];
    }

    protected override async Task<BenchReport> MeasureAsync(ParseResult parse, BenchRun run, CancellationToken cancellationToken)
    {
        byte[] payload = PayloadOf(parse);
        Publisher publisher = run.Client.CreatePublisher(run.Topic, new PublisherOptions { Group = GroupOf(parse) });
        Channel<(PublishConfirmation Confirmation, long Started)> pending = Channel.CreateBounded<(PublishConfirmation, long)>(
            new BoundedChannelOptions((int)(parse.GetValue(_inFlight) ?? DefaultInFlight)) { SingleReader = true, SingleWriter = true });
        var latency = new Percentiles(MostSamples);
        long began = Stopwatch.GetTimestamp();
        Task confirming = ConfirmAsync(pending.Reader, latency, run);
        try
        {
            for (long sent = 0; sent < run.Count && !confirming.IsCompleted; sent++)
            {
                long started = Stopwatch.GetTimestamp();
                PublishConfirmation confirmation = await publisher.BeginPublishAsync(payload.AsMemory(), null, cancellationToken);
                await pending.Writer.WriteAsync((confirmation, started), cancellationToken);
            }
        }
        finally
        {
            pending.Writer.Complete();
            await confirming;
        }

        return new BenchReport("publish", run.Done, run.Done * payload.Length, Stopwatch.GetElapsedTime(began), latency);
    }

    private static async Task ConfirmAsync(ChannelReader<(PublishConfirmation Confirmation, long Started)> pending, Percentiles latency, BenchRun run)
    {
        await foreach ((PublishConfirmation confirmation, long started) in pending.ReadAllAsync())
        {
            await confirmation;
            latency.Add(Stopwatch.GetElapsedTime(started));
            run.Finish();
        }
    }
}
