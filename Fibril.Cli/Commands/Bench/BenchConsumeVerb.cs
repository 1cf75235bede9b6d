using System.CommandLine;
using System.Diagnostics;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands.Bench;

/// <summary>Measures how fast messages are consumed and acknowledged.</summary>
internal sealed class BenchConsumeVerb : BenchVerb
{
    private const int DefaultPrefetch = 4096;

    private static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(2);

    private readonly Option<long?> _prefetch = Inputs.Number("--prefetch", $"Messages the broker hands out in advance, per partition; default {DefaultPrefetch}.", 1, 1 << 20);
    private readonly Option<TimeSpan?> _idle = Inputs.Duration("--idle", "Ends early when no message came for this long; default 2s.", most: GlobalOptions.LongestWait);

    public BenchConsumeVerb(GlobalOptions global, CliContext context)
        : base("consume", "Consumes messages, acknowledges them, and measures how fast that goes.", 100_000, global, context)
    {
        AddOptions(_prefetch, _idle);
        Notes = ["It takes the messages out of the queue: use one of its own, filled with bench publish."];
        Examples = [new("fibrilctl bench consume bench.q --count 200000", "What bench publish has put there.")];
    }

    protected override async Task<BenchReport> MeasureAsync(ParseResult parse, BenchRun run, CancellationToken cancellationToken)
    {
        TimeSpan idle = parse.GetValue(_idle) ?? DefaultIdle;
        int prefetch = (int)(parse.GetValue(_prefetch) ?? DefaultPrefetch);
        await using Subscription subscription = await run.Client.SubscribeAsync(run.Topic, new SubscribeOptions { Group = GroupOf(parse), Prefetch = prefetch }, cancellationToken);
        await using IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator(CancellationToken.None);
        long bytes = 0, first = 0, last = 0;
        while (run.Done < run.Count && await NextAsync(messages, idle, cancellationToken))
        {
            if (first == 0) first = Stopwatch.GetTimestamp();
            bytes += messages.Current.Payload.Length;
            await messages.Current.CompleteAsync(cancellationToken);
            run.Finish();
            last = Stopwatch.GetTimestamp();
        }

        return new BenchReport("consume", run.Done, bytes, Stopwatch.GetElapsedTime(first, last), new Percentiles(1));
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ReceivedMessage> messages, TimeSpan idle, CancellationToken cancellationToken)
    {
        ValueTask<bool> next = messages.MoveNextAsync();
        if (next.IsCompletedSuccessfully) return next.Result;
        try
        {
            return await next.AsTask().WaitAsync(idle, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
