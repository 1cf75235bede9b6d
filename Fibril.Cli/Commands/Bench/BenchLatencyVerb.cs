using System.CommandLine;
using System.Diagnostics;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands.Bench;

/// <summary>Measures how long a message takes through the broker.</summary>
internal sealed class BenchLatencyVerb : BenchVerb
{
    public BenchLatencyVerb(GlobalOptions global, CliContext context)
        : base("latency", "Sends one message after the other through a queue, and measures how long each takes to come back here.", 1000, global, context)
    {
        AddOptions(Size);
        Notes = ["Publish, store, deliver: all of it. Needs a queue that is empty and that nobody else consumes."];
        Examples = [new("fibrilctl bench latency bench.l --count 2000", "Percentiles of two thousand.")];
    }

    protected override async Task<BenchReport> MeasureAsync(ParseResult parse, BenchRun run, CancellationToken cancellationToken)
    {
        byte[] payload = PayloadOf(parse);
        Publisher publisher = run.Client.CreatePublisher(run.Topic, new PublisherOptions { Group = GroupOf(parse) });
        await using Subscription subscription = await run.Client.SubscribeAsync(run.Topic, new SubscribeOptions { Group = GroupOf(parse), Prefetch = 1 }, cancellationToken);
        await using IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator(CancellationToken.None);
        var latency = new Percentiles(MostSamples);
        long began = Stopwatch.GetTimestamp();
        while (run.Done < run.Count)
        {
            long started = Stopwatch.GetTimestamp();
            PublishConfirmation confirmation = await publisher.BeginPublishAsync(payload.AsMemory(), null, cancellationToken);
            if (!await messages.MoveNextAsync().AsTask().WaitAsync(cancellationToken)) break;
            latency.Add(Stopwatch.GetElapsedTime(started));
            await confirmation;
            await messages.Current.CompleteAsync(cancellationToken);
            run.Finish();
        }

        return new BenchReport("latency", run.Done, run.Done * payload.Length, Stopwatch.GetElapsedTime(began), latency);
    }
}
