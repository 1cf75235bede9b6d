using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Publishing;
using Fibril.Client;

namespace Fibril.Cli.Commands;

/// <summary>Publishes one message, or every line of an input. Stands at the top and among the queue commands.</summary>
internal sealed class PublishVerb : Verb
{
    private const string StandardInput = "-";
    private const int LeastPendingRequests = 1 << 14;

    private readonly Argument<string> _topic = Inputs.Topic();

    private readonly Argument<string?> _message = new("message")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Text to publish. Write -- in front of one that begins with a dash.",
    };

    private readonly Option<string?> _messageOption = Inputs.Text("--message", "text", "Text to publish; the same as the argument.");
    private readonly Option<string?> _file = Inputs.Text("--file", "path", "Publishes the whole file as one message; - is standard input.");
    private readonly Option<bool> _lines = Inputs.Flag("--lines", "Publishes every line of standard input, or of --file, as a message.");
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<string?> _partitionKey = Inputs.Text("--partition-key", "text", "Messages with equal keys go to the same partition.");
    private readonly Option<KeyValuePair<string, string>[]?> _header = Inputs.Headers("--header", "Adds a header; may be repeated.");

    private readonly Option<string?> _contentType = Inputs.Text(
        "--content-type", "type", "MIME type of the messages, such as application/json. Default: text for the argument, none for files and lines.");

    private readonly Option<TimeSpan?> _ttl = Inputs.Duration("--ttl", "The message expires after this time. Not with --delay.");
    private readonly Option<TimeSpan?> _delay = Inputs.Duration("--delay", "The message is not delivered earlier than this long from now.");
    private readonly Option<bool> _noConfirm = Inputs.Flag("--no-confirm", "Does not wait for the broker to store it. A message can get lost unnoticed.");

    private readonly Option<long?> _inFlight = Inputs.Number(
        "--in-flight", $"With --lines and --count: most messages that wait for their confirmation at a time; default {PublishRequest.DefaultInFlight}.",
        1, PublishRequest.MostInFlight);

    private readonly Option<long?> _skip = Inputs.Number(
        "--skip", "With --lines: does not publish the first n lines. Resumes where an earlier run stopped.", 0, long.MaxValue - 1);

    private readonly Option<string?> _format = Inputs.Choice(
        "--format", "What a single message is: text, json (checked, and labelled so), raw (not labelled), or base64 (decoded).",
        PayloadFormat.Text, PayloadFormat.Json, PayloadFormat.Raw, PayloadFormat.Base64);

    private readonly Option<long?> _count = Inputs.Number("--count", "Publishes the message so often; default 1.", 1, 1_000_000_000);
    private readonly Option<long?> _rate = Inputs.Number("--rate", "With --count: messages a second at most.", 1, 10_000_000);
    private readonly Option<bool> _template = Inputs.Flag("--template", $"Fills in what is in braces: {MessageTemplate.Forms}.");

    private readonly Option<string?> _confirmedLog = Inputs.Text(
        "--confirmed-log", "path", "With --lines: appends the number of every line to this file when the broker has confirmed it.");

    public PublishVerb(GlobalOptions global, CliContext context)
        : base("publish", "Publishes a message, a file, or every line of an input.", global, context)
    {
        Add(_topic);
        Add(_message);
        foreach (Option option in (ReadOnlySpan<Option>)[
            _messageOption, _file, _lines, _group, _partitionKey, _header, _contentType, _ttl, _delay, _noConfirm, _format, _count, _rate, _template, _inFlight, _skip, _confirmedLog])
        {
            Add(option);
        }

        _lines.Aliases.Add("--stdin");
        Notes =
        [
            "One message prints 'published <topic> at offset <n>' when the broker has stored it.",
            "Lines end with LF or CRLF and are published without it; empty lines are messages too. Bytes are not changed otherwise, whether they are text "
            + "or not. When the connection breaks or Ctrl-C stops it, the command says which line to resume from; messages whose outcome is "
            + "unknown may then be published twice.",
        ];
        Examples =
        [
            new("fibrilctl publish jobs \"hello\"", "Publishes one message and waits until it is stored."),
            new("fibrilctl publish jobs --file order.json --content-type application/json", "Publishes a file."),
            new("fibrilctl publish jobs 'order {n} {uuid}' --template --count 1000 --rate 50", "A thousand, fifty a second, all different."),
            new("fibrilctl publish jobs --lines --file /var/log/syslog", "Publishes every line of a file, with a progress display."),
            new("zcat events.gz | fibrilctl publish jobs --lines --confirmed-log done.txt", "Publishes lines as they come, and keeps record of what is stored."),
            new("fibrilctl publish jobs --lines --file events.txt --skip 12288", "Goes on behind line 12288."),
            new("fibrilctl publish jobs \"later\" --delay 5m --header source=cron --partition-key customer-7", "Publishes with properties."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        PublishRequest request = Read(parse);
        bool hasArgument = parse.GetValue(_message) is not null, hasFile = parse.GetResult(_file) is not null;
        if (hasArgument && parse.GetValue(_messageOption) is not null) faults.Add("The message is given twice, as argument and with --message; give it once.");
        if (request.Text is not null && (hasFile || request.IsLines)) faults.Add("Give either a message or --file or --lines, not both.");
        if (request.Text is null && !hasFile && !request.IsLines)
            faults.Add("Nothing to publish: give a message, or --file <path>, or --lines to read them from standard input.");
        if (request.IsLines && ((Option[])[_format, _count, _rate]).Any(option => parse.GetResult(option) is not null) || (request.IsLines && request.IsTemplate))
            faults.Add("--format, --count, --rate and --template are for a single message, not for --lines.");
        if (request.Count > 1 && !request.IsConfirmed) faults.Add("--no-confirm and --count exclude each other.");
        if (request.Rate is not null && request.Count == 1) faults.Add("--rate is for --count only.");
        if (!request.IsLines)
        {
            if (parse.GetResult(_inFlight) is not null && request.Count == 1) faults.Add("--in-flight is for --lines and --count only.");
            foreach (Option option in (ReadOnlySpan<Option>)[_skip, _confirmedLog])
                if (parse.GetResult(option) is not null) faults.Add($"{option.Name} is for --lines only.");
        }

        if (!request.IsConfirmed && request.ConfirmedLogPath is not null) faults.Add("--no-confirm leaves nothing to write to --confirmed-log.");
        if (request is { Delay: not null, TimeToLive: not null })
            faults.Add("A delayed message cannot have a --ttl of its own; declare the queue with --default-ttl instead.");
        if (Global.PasswordIsOnInput(parse) && request.ReadsStandardInput)
            faults.Add("--password-stdin and messages cannot both come from standard input; use --file, or FIBRIL_PASSWORD.");
    }

    internal PublishRequest Read(ParseResult parse) => new()
    {
        Topic = parse.GetRequiredValue(_topic),
        Group = parse.GetValue(_group),
        Text = parse.GetValue(_message) ?? parse.GetValue(_messageOption),
        Path = parse.GetValue(_file) is { } path && path != StandardInput ? path : null,
        IsLines = parse.GetValue(_lines),
        Headers = parse.GetValue(_header) ?? [],
        Format = parse.GetValue(_format),
        Count = parse.GetValue(_count) ?? 1,
        Rate = parse.GetValue(_rate),
        IsTemplate = parse.GetValue(_template),
        ContentType = parse.GetValue(_contentType),
        PartitionKey = parse.GetValue(_partitionKey),
        TimeToLive = parse.GetValue(_ttl),
        Delay = parse.GetValue(_delay),
        IsConfirmed = !parse.GetValue(_noConfirm),
        InFlight = (int)(parse.GetValue(_inFlight) ?? PublishRequest.DefaultInFlight),
        Skip = parse.GetValue(_skip) ?? 0,
        ConfirmedLogPath = parse.GetValue(_confirmedLog),
    };

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        PublishRequest request = Read(parse);
        return request.IsLines ? PublishLinesAsync(request, parse, talk, cancellationToken) : PublishOneAsync(request, parse, talk, cancellationToken);
    }

    private async Task<int> PublishOneAsync(PublishRequest request, ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        byte[] payload = PayloadFormat.Decode(await ReadPayloadAsync(request, cancellationToken), request.Format);
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        Publisher publisher = client.CreatePublisher(request.Topic, new PublisherOptions { Group = request.Group });
        if (request.Count > 1) return await RepeatAsync(new RepeatedPublish(publisher, request, payload, Context.Time), request, talk, cancellationToken);
        if (request.IsTemplate) payload = Encoding.UTF8.GetBytes(new MessageTemplate(Encoding.UTF8.GetString(payload), Context.Time).Make(1));
        if (!request.IsConfirmed)
        {
            await publisher.SendAsync(payload, request.CreateProperties(), cancellationToken);
            await client.PingAsync(cancellationToken); // a refusal would end the connection, and come before the answer
            talk.Say($"sent to {request.Topic}, unconfirmed");
            return ExitCode.Success;
        }

        long offset = await publisher.PublishAsync(payload, request.CreateProperties(), cancellationToken);
        Write($"published {request.Topic} at offset {offset}\n");
        return ExitCode.Success;
    }

    private async Task<int> RepeatAsync(RepeatedPublish repeated, PublishRequest request, Talk talk, CancellationToken cancellationToken)
    {
        long started = Context.Time.GetTimestamp();
        try
        {
            await repeated.RunAsync(cancellationToken);
        }
        finally
        {
            TimeSpan elapsed = Context.Time.GetElapsedTime(started);
            talk.Say($"{Amounts.Count(repeated.Confirmed, "message", "messages")} published and confirmed to {request.Topic} in {Amounts.Duration(elapsed)}, {Amounts.Rate(repeated.Confirmed, elapsed)}");
        }

        return ExitCode.Success;
    }

    private async Task<byte[]> ReadPayloadAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        if (request.Text is not null) return Encoding.UTF8.GetBytes(request.Text);
        using Stream input = MessageInput.Open(request, Context);
        return await MessageInput.ReadAllAsync(input, cancellationToken);
    }

    private async Task<int> PublishLinesAsync(PublishRequest request, ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using Stream input = MessageInput.Open(request, Context);
        using ConfirmedLog? log = request.ConfirmedLogPath is { } path ? ConfirmedLog.Open(path) : null;
        BrokerTarget target = Global.FindBroker(parse, Context);
        await using FibrilClient client = await Connector.ConnectAsync(target, cancellationToken, Math.Max(request.InFlight, LeastPendingRequests));
        var lines = new LinePublisher(input, client, request, log);
        long started = Stopwatch.GetTimestamp();
        await new PublishProgress(talk, lines.Tally, input.CanSeek ? input.Length : null, request.IsConfirmed)
            .ShowAsync(() => lines.RunAsync(cancellationToken));
        return new PublishSummary(request, lines.Tally, lines.ResumeLine, Stopwatch.GetElapsedTime(started)).Tell(target.Address, client.DisconnectReason, talk);
    }
}
