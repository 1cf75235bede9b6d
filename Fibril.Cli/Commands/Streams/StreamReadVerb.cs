using System.CommandLine;
using System.Diagnostics;
using Fibril.Cli.Connecting;
using Fibril.Cli.Consuming;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Reads a stream: <c>tail</c> follows it from its end, <c>read</c> reads what it keeps and ends.</summary>
internal sealed class StreamReadVerb : Verb
{
    private static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(2);

    private readonly bool _isTail;
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<StreamPosition?> _from;
    private readonly Option<string?> _durable = Inputs.Text("--durable", "name", "Goes on where the reader of this name stopped, and remembers the place; a new name starts at the oldest record.");

    private readonly Option<FilterClause[]?> _filter = new("--filter")
    {
        HelpName = "header=pattern",
        Description = "Only records whose header matches; * stands for any text; may be repeated, and all must match.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = static result => [.. result.Tokens.Select(token => ReadClause(token.Value, result))],
    };

    private readonly Option<long?> _count = Inputs.Number("--count", "Ends after so many records.", 1, long.MaxValue);
    private readonly Option<bool> _follow = Inputs.Flag("--follow", "Goes on as records come, until interrupted; the default of tail.");
    private readonly Option<TimeSpan?> _idle = Inputs.Duration("--idle", "Without --follow: ends when no record came for this long; default 2s.", most: GlobalOptions.LongestWait);
    private readonly Option<long?> _prefetch = Inputs.Number("--prefetch", $"Records the broker sends in advance, per partition; default {ConsumeRequest.LargePrefetch}.", 1, ConsumeRequest.MostPrefetch);
    private readonly MessageFormatOptions _format = new();

    public StreamReadVerb(bool isTail, GlobalOptions global, CliContext context)
        : base(
            isTail ? "tail" : "read",
            isTail ? "Follows a stream and writes its records as they come." : "Reads the records that a stream keeps and ends when there are no more.", global, context)
    {
        _isTail = isTail;
        _from = Inputs.Checked<StreamPosition?>(
            "--from", "position", $"Where to begin: {StreamPositionText.Forms}; default {(isTail ? "latest" : "earliest")}.",
            text => StreamPositionText.Read(text, Context.Time) is { } position
                ? (position, null)
                : Inputs.Bad<StreamPosition?>($"'{text}' is no position; write {StreamPositionText.Forms}"));
        _from.CompletionSources.Add("latest", "earliest");
        Add(_topic);
        AddOptions(_from, _durable, _filter, _count);
        foreach (Option option in isTail ? (ReadOnlySpan<Option>)[_follow, _prefetch] : [_follow, _idle, _prefetch]) Add(option);
        _format.AddTo(this);
        Notes = ["Positions count in every partition by itself. With --durable a record counts as read when its bytes are written."];
        string path = $"fibrilctl stream {Name}";
        Examples = isTail
            ?
            [
                new($"{path} ticks", "What comes from now on; as does 'fibrilctl tail ticks'."),
                new($"{path} ticks --from back:10 --show-headers", "The last ten of each partition, then what comes."),
                new($"{path} ticks --filter symbol=FB* --output json", "Some of them, with all properties."),
            ]
            :
            [
                new($"{path} ticks > ticks.txt", "Everything that is kept."),
                new($"{path} ticks --from time:2h --count 100", "A hundred records of the last two hours."),
                new($"{path} ticks --durable nightly", "What came since the last run under this name."),
            ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_durable) is not null && parse.GetResult(_from) is not null) faults.Add("--durable and --from exclude each other: a name has a place of its own.");
        if (parse.GetValue(_follow) && parse.GetResult(_idle) is not null) faults.Add("--idle and --follow exclude each other.");
        _format.Check(parse, faults);
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        ConsumeRequest request = Read(parse);
        var options = new StreamSubscribeOptions
        {
            Start = parse.GetValue(_from) ?? (_isTail ? StreamPosition.Latest : StreamPosition.Earliest),
            DurableName = parse.GetValue(_durable),
            Filter = parse.GetValue(_filter) ?? [],
            Prefetch = request.Prefetch,
            AutoAck = !request.Acknowledges,
        };
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        await using Subscription subscription = await client.SubscribeStreamAsync(request.Topic, options, cancellationToken);
        talk.Say($"reading {request.Topic} ({Amounts.Count(subscription.PartitionCount, "partition", "partitions")})");
        using Stream output = Context.OpenOutput();
        using MessageFormat format = _format.Create(parse);
        var batch = new OutputBatch(output, format, request.Acknowledges ? request.Settlement : null);
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await new Consumption(request, subscription, batch).RunAsync(cancellationToken);
        }
        finally
        {
            talk.Say($"read {Amounts.Count(batch.Written, "record", "records")} of {request.Topic} in {Amounts.Duration(Stopwatch.GetElapsedTime(started))}");
        }
    }

    internal ConsumeRequest Read(ParseResult parse)
    {
        bool follows = _isTail || parse.GetValue(_follow);
        return new ConsumeRequest
        {
            Topic = parse.GetRequiredValue(_topic),
            Count = parse.GetValue(_count),
            Acknowledges = parse.GetValue(_durable) is not null,
            Patience = follows ? null : parse.GetValue(_idle) ?? DefaultIdle,
            EndsWhenEmpty = !follows,
            GivenPrefetch = (int?)parse.GetValue(_prefetch) ?? ConsumeRequest.LargePrefetch,
        };
    }

    private static FilterClause ReadClause(string text, System.CommandLine.Parsing.ArgumentResult result)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) result.AddError($"--filter: '{text}' is not header=pattern.");
        return new FilterClause(equals < 1 ? text : text[..equals], text[(equals + 1)..]);
    }
}
