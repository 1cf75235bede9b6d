using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Fibril.Cli.Connecting;
using Fibril.Cli.Consuming;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands;

/// <summary>Takes messages from a queue. Stands at the top and among the queue commands.</summary>
internal sealed class ConsumeVerb : Verb
{
    private const string Lines = "lines";
    private const string Json = "json";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(2);

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _count = Inputs.Number("--count", "Messages to take; default 1.", 1, long.MaxValue);
    private readonly Option<bool> _follow = Inputs.Flag("--follow", "Takes messages as they come, until interrupted.");
    private readonly Option<bool> _exitWhenEmpty = Inputs.Flag("--exit-when-empty", "Takes what is there and ends when no message came for --idle.");
    private readonly Option<TimeSpan?> _idle = Inputs.Duration("--idle", "How long no message must come with --exit-when-empty; default 2s.", most: GlobalOptions.LongestWait);
    private readonly Option<bool> _ack = Inputs.Flag("--ack", "Acknowledges each message once it is written to standard output; the default.");

    private readonly Option<bool> _noAck = Inputs.Flag(
        "--no-ack", "Only looks: no message is acknowledged, and all go back to the queue at the end.");

    private readonly Option<long?> _prefetch = Inputs.Number(
        "--prefetch",
        $"Messages the broker hands out in advance, per partition. Default 1; {ConsumeRequest.LargePrefetch} with --follow, --exit-when-empty and "
        + "a --count of 100 or more; with --no-ack as many as are looked at.",
        1, ConsumeRequest.MostPrefetch);

    private readonly Option<long?> _timeoutMs = Inputs.Number("--timeout-ms", "Longest wait for each message, in milliseconds; default 5000.", 0, int.MaxValue);
    private readonly Option<string?> _expect = Inputs.Text("--expect", "text", "Stops with exit code 9 at a message that is not this text, and leaves it in the queue.");
    private readonly Option<bool> _showHeaders = Inputs.Flag("--show-headers", "Writes a line with the properties of each message in front of it.");

    private readonly Option<string?> _output = Inputs.Choice(
        "--output", "lines (default) writes each payload and a line end; json one object per line, with all properties.", Lines, Json);

    public ConsumeVerb(GlobalOptions global, CliContext context)
        : base("consume", "Takes messages from a queue and writes them to standard output.", global, context)
    {
        Add(_topic);
        foreach (Option option in (ReadOnlySpan<Option>)[
            _group, _count, _follow, _exitWhenEmpty, _idle, _ack, _noAck, _prefetch, _timeoutMs, _expect, _showHeaders, _output])
        {
            Add(option);
        }

        Notes =
        [
            "Payloads are written as they are, each followed by a line end. A message is acknowledged after the operating system has taken its bytes. "
            + "What was handed out and not acknowledged goes back to the queue when the command ends. Ctrl-C acknowledges what was written, "
            + "then ends with 130; when the reader of a pipe closes it the command ends quietly.",
            "A message that is not acknowledged within its lease (30s unless the broker is configured otherwise) is handed out again, so a reader "
            + "that pauses for long may see messages twice.",
        ];
        Examples =
        [
            new("fibrilctl consume jobs", "Takes one message, waiting for it for 5 seconds."),
            new("fibrilctl consume jobs --exit-when-empty > jobs.txt", "Empties the queue into a file."),
            new("fibrilctl consume jobs --follow --output json | jq .payload", "Follows the queue as JSON."),
            new("fibrilctl consume jobs --count 10 --no-ack --show-headers", "Looks at the first ten messages and leaves them there."),
            new("fibrilctl consume jobs --expect hello --timeout 30s", "Fails unless the next message is 'hello'."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool follows = parse.GetValue(_follow), endsWhenEmpty = parse.GetValue(_exitWhenEmpty), onlyLooks = parse.GetValue(_noAck);
        if (follows && endsWhenEmpty) faults.Add("--follow and --exit-when-empty exclude each other.");
        if (follows && parse.GetResult(_count) is not null) faults.Add("--follow and --count exclude each other.");
        if (follows && onlyLooks) faults.Add("--follow and --no-ack exclude each other: every message would come again when its lease is over.");
        if (onlyLooks && parse.GetValue(_ack)) faults.Add("--ack and --no-ack exclude each other.");
        if (parse.GetResult(_idle) is not null && !endsWhenEmpty) faults.Add("--idle is for --exit-when-empty only.");
        if (parse.GetResult(_timeoutMs) is not null && Global.Timeout(parse) is not null) faults.Add("--timeout-ms and --timeout exclude each other.");
        if (parse.GetValue(_output) == Json && parse.GetValue(_showHeaders)) faults.Add("--show-headers is for --output lines; JSON has the headers anyway.");
    }

    internal ConsumeRequest Read(ParseResult parse)
    {
        bool follows = parse.GetValue(_follow), endsWhenEmpty = parse.GetValue(_exitWhenEmpty);
        TimeSpan patience = parse.GetValue(_timeoutMs) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds)
            : Global.Timeout(parse) ?? DefaultTimeout;
        return new ConsumeRequest
        {
            Topic = parse.GetRequiredValue(_topic),
            Group = parse.GetValue(_group),
            Count = parse.GetValue(_count) ?? (follows || endsWhenEmpty ? null : 1),
            Acknowledges = !parse.GetValue(_noAck),
            Patience = follows ? null : endsWhenEmpty ? parse.GetValue(_idle) ?? DefaultIdle : patience,
            EndsWhenEmpty = endsWhenEmpty,
            Expected = parse.GetValue(_expect) is { } text ? Encoding.UTF8.GetBytes(text) : null,
            IsJson = parse.GetValue(_output) == Json,
            ShowsHeaders = parse.GetValue(_showHeaders),
            GivenPrefetch = (int?)parse.GetValue(_prefetch),
        };
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        ConsumeRequest request = Read(parse);
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        await using Subscription subscription = await client.SubscribeAsync(
            request.Topic, new SubscribeOptions { Group = request.Group, Prefetch = request.Prefetch }, cancellationToken);
        if (request.IsBulk)
        {
            talk.Say(
                $"consuming {request.Topic} ({Amounts.Count(subscription.PartitionCount, "partition", "partitions")}), "
                + $"prefetch {Amounts.Count(request.Prefetch)} per partition");
        }

        using Stream output = Context.OpenOutput();
        using var format = MessageFormat.Create(request.IsJson, request.ShowsHeaders);
        var batch = new OutputBatch(output, format, request.Acknowledges);
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await new Consumption(request, subscription, batch).RunAsync(cancellationToken);
        }
        finally
        {
            if (request.IsBulk) talk.Say(Summarize(request, batch, Stopwatch.GetElapsedTime(started)));
            if (batch.Unsettled > 0)
                talk.Insist($"{Amounts.Count(batch.Unsettled, "message", "messages")} written but not acknowledged will come again.");
            if (request.MayHaveMissed(batch.Written))
            {
                talk.Insist(
                    $"There may be more: without acknowledgements the broker hands out {Amounts.Count(request.Prefetch)} messages per partition. "
                    + "See further with a larger --prefetch.");
            }
        }
    }

    private static string Summarize(ConsumeRequest request, OutputBatch batch, TimeSpan elapsed)
    {
        string what = request.Acknowledges ? "consumed" : "looked at";
        return $"{what} {Amounts.Count(batch.Written, "message", "messages")} of {request.Topic} in {Amounts.Duration(elapsed)}, "
            + Amounts.Rate(batch.Written, elapsed);
    }
}
