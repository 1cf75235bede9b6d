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
    private const string Auto = "auto";
    private const string None = "none";
    private const string Retry = "retry";
    private const string Nack = "nack";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(2);

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _count = Inputs.Number("--count", "Messages to take; default 1.", 1, long.MaxValue);
    private readonly Option<bool> _follow = Inputs.Flag("--follow", "Takes messages as they come, until interrupted.");
    private readonly Option<bool> _exitWhenEmpty = Inputs.Flag("--exit-when-empty", "Takes what is there and ends when no message came for --idle.");
    private readonly Option<TimeSpan?> _idle = Inputs.Duration("--idle", "How long no message must come with --exit-when-empty; default 2s.", most: GlobalOptions.LongestWait);
    private readonly Option<string?> _ack = Inputs.OptionalChoice(
        "--ack", "What becomes of a message once it is written: auto (default) acknowledges it, none only looks, retry sends it back, nack makes it a dead letter.",
        Auto, Auto, None, Retry, Nack);

    private readonly Option<bool> _noAck = Inputs.Flag(
        "--no-ack", "The same as --ack none: no message is acknowledged, and all go back to the queue at the end.");

    private readonly Option<long?> _prefetch = Inputs.Number(
        "--prefetch",
        $"Messages the broker hands out in advance, per partition. Default 1; {ConsumeRequest.LargePrefetch} with --follow, --exit-when-empty and "
        + "a --count of 100 or more; with --no-ack as many as are looked at.",
        1, ConsumeRequest.MostPrefetch);

    private readonly Option<long?> _timeoutMs = Inputs.Number("--timeout-ms", "Longest wait for each message, in milliseconds; default 5000.", 0, int.MaxValue);
    private readonly Option<string?> _expect = Inputs.Text("--expect", "text", "Stops with exit code 9 at a message that is not this text, and leaves it in the queue.");
    private readonly Option<TimeSpan?> _retryDelay = Inputs.Duration("--retry-delay", "With --ack retry and --exec: how long a message that goes back waits.", most: TimeSpan.FromDays(1));
    private readonly Option<string?> _exec = Inputs.Text("--exec", "command", "Runs this in a shell for each message, the payload on its standard input. Exit code 0 acknowledges, any other sends it back.");
    private readonly Option<string?> _consumerGroup = Inputs.Text("--consumer-group", "name", "Joins this exclusive consumer group: each partition goes to one member.");
    private readonly MessageFormatOptions _format = new();

    public ConsumeVerb(GlobalOptions global, CliContext context)
        : base("consume", "Takes messages from a queue and writes them to standard output.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _count, _follow, _exitWhenEmpty, _idle, _ack, _noAck, _retryDelay, _exec, _consumerGroup, _prefetch, _timeoutMs, _expect);
        _format.AddTo(this);
        Notes =
        [
            "Payloads are written as they are, each followed by a line end. A message is acknowledged after the operating system has taken its bytes. "
            + "What was handed out and not acknowledged goes back to the queue when the command ends. Ctrl-C acknowledges what was written, "
            + "then ends with 130; when the reader of a pipe closes it the command ends quietly.",
            "With --exec the variables FIBRIL_MESSAGE_TOPIC, _GROUP, _PARTITION, _OFFSET, _RETRIES and _CONTENT_TYPE say what it is; its output goes to ours.",
            "A message that is not acknowledged within its lease (30s unless the broker is configured otherwise) is handed out again, so a reader "
            + "that pauses for long may see messages twice.",
        ];
        Examples =
        [
            new("fibrilctl consume jobs", "Takes one message, waiting for it for 5 seconds."),
            new("fibrilctl consume jobs --exit-when-empty > jobs.txt", "Empties the queue into a file."),
            new("fibrilctl consume jobs --follow --output json | jq .payload", "Follows the queue as JSON."),
            new("fibrilctl consume jobs --count 10 --no-ack --show-headers", "Looks at the first ten messages and leaves them there."),
            new("fibrilctl consume jobs --follow --exec './work.sh' --retry-delay 10s", "Lets a script do the work."),
            new("fibrilctl consume jobs --count 1 --ack nack", "Makes a dead letter of one."),
            new("fibrilctl consume jobs --expect hello --timeout 30s", "Fails unless the next message is 'hello'."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool follows = parse.GetValue(_follow), endsWhenEmpty = parse.GetValue(_exitWhenEmpty), onlyLooks = OnlyLooks(parse), runs = parse.GetValue(_exec) is not null;
        if (follows && endsWhenEmpty) faults.Add("--follow and --exit-when-empty exclude each other.");
        if (follows && parse.GetResult(_count) is not null) faults.Add("--follow and --count exclude each other.");
        if (follows && onlyLooks) faults.Add("--follow and --no-ack exclude each other: every message would come again when its lease is over.");
        if (parse.GetValue(_noAck) && parse.GetValue(_ack) is not (null or None)) faults.Add("--ack and --no-ack exclude each other.");
        if (parse.GetResult(_idle) is not null && !endsWhenEmpty) faults.Add("--idle is for --exit-when-empty only.");
        if (parse.GetResult(_timeoutMs) is not null && Global.Timeout(parse) is not null) faults.Add("--timeout-ms and --timeout exclude each other.");
        if (parse.GetResult(_retryDelay) is not null && !runs && parse.GetValue(_ack) != Retry) faults.Add("--retry-delay is for --ack retry and --exec only.");
        if (runs && (onlyLooks || parse.GetValue(_ack) is not (null or Auto))) faults.Add("--exec decides by its exit code; --ack does not go with it.");
        if (runs && parse.GetResult(_expect) is not null) faults.Add("--exec and --expect exclude each other.");
        _format.Check(parse, faults);
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
            Acknowledges = !OnlyLooks(parse),
            Settlement = new Settlement(KindOf(parse.GetValue(_ack)), parse.GetValue(_retryDelay)),
            Command = parse.GetValue(_exec),
            ConsumerGroup = parse.GetValue(_consumerGroup),
            Patience = follows ? null : endsWhenEmpty ? parse.GetValue(_idle) ?? DefaultIdle : patience,
            EndsWhenEmpty = endsWhenEmpty,
            Expected = parse.GetValue(_expect) is { } text ? Encoding.UTF8.GetBytes(text) : null,
            IsJson = _format.IsJson(parse),
            ShowsHeaders = _format.ShowsHeaders(parse),
            GivenPrefetch = (int?)parse.GetValue(_prefetch),
        };
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        ConsumeRequest request = Read(parse);
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        var options = new SubscribeOptions
        {
            Group = request.Group,
            Prefetch = request.Prefetch,
            Exclusive = request.ConsumerGroup is not null,
            ConsumerGroup = request.ConsumerGroup,
            AutoRenew = request.Command is not null,
        };
        await using Subscription subscription = await client.SubscribeAsync(request.Topic, options, cancellationToken);
        if (request.IsBulk)
        {
            talk.Say(
                $"consuming {request.Topic} ({Amounts.Count(subscription.PartitionCount, "partition", "partitions")}), "
                + $"prefetch {Amounts.Count(request.Prefetch)} per partition");
        }

        using Stream output = Context.OpenOutput();
        using var format = MessageFormat.Create(request.IsJson, request.ShowsHeaders);
        MessageSink sink = request.Command is { } command
            ? new ExecSink(command, request.Settlement.RetryDelay, talk)
            : new OutputBatch(output, format, request.Acknowledges ? request.Settlement : null);
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await new Consumption(request, subscription, sink).RunAsync(cancellationToken);
        }
        finally
        {
            if (request.IsBulk) talk.Say(Summarize(request, sink, Stopwatch.GetElapsedTime(started)));
            if (sink.Unsettled > 0)
                talk.Insist($"{Amounts.Count(sink.Unsettled, "message", "messages")} written but not acknowledged will come again.");
            if (request.MayHaveMissed(sink.Written))
            {
                talk.Insist(
                    $"There may be more: without acknowledgements the broker hands out {Amounts.Count(request.Prefetch)} messages per partition. "
                    + "See further with a larger --prefetch.");
            }
        }
    }

    private static string Summarize(ConsumeRequest request, MessageSink sink, TimeSpan elapsed)
    {
        string what = request.Acknowledges ? "consumed" : "looked at";
        return $"{what} {Amounts.Count(sink.Written, "message", "messages")} of {request.Topic} in {Amounts.Duration(elapsed)}, "
            + Amounts.Rate(sink.Written, elapsed);
    }

    private bool OnlyLooks(ParseResult parse) => parse.GetValue(_noAck) || parse.GetValue(_ack) == None;

    private static SettlementKind KindOf(string? ack) => ack switch
    {
        Retry => SettlementKind.Retry,
        Nack => SettlementKind.Fail,
        _ => SettlementKind.Complete,
    };
}
