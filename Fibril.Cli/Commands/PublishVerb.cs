using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Publishing;
using Fibril.Client;

namespace Fibril.Cli.Commands;

/// <summary>Publishes one message, or every line of an input. Stands at the top and, with <c>--message</c>, among the queue commands.</summary>
internal sealed class PublishVerb : Verb
{
    private const int DefaultInFlight = 4096;
    private const int MostInFlight = 1 << 20;
    private const string StandardInput = "-";

    // What the client accepts, less what a message carries besides its payload.
    private const int MostMessageBytes = (64 << 20) - (64 << 10);

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

    private readonly Option<string[]> _header = new("--header")
    {
        HelpName = "key=value",
        Description = "Adds a header; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _contentType = Inputs.Text(
        "--content-type", "type", "MIME type of the messages, such as application/json. Default: text for the argument, none for files and lines.");

    private readonly Option<TimeSpan?> _ttl = Inputs.Duration("--ttl", "The message expires after this time. Not with --delay.");
    private readonly Option<TimeSpan?> _delay = Inputs.Duration("--delay", "The message is not delivered earlier than this long from now.");
    private readonly Option<bool> _noConfirm = Inputs.Flag("--no-confirm", "Does not wait for the broker to store it. A message can get lost unnoticed.");

    private readonly Option<long?> _inFlight = Inputs.Number(
        "--in-flight", $"With --lines: most messages that wait for their confirmation at a time; default {DefaultInFlight}.", 1, MostInFlight);

    private readonly Option<long?> _skip = Inputs.Number(
        "--skip", "With --lines: does not publish the first n lines. Resumes where an earlier run stopped.", 0, long.MaxValue - 1);

    private readonly Option<string?> _confirmedLog = Inputs.Text(
        "--confirmed-log", "path", "With --lines: appends the number of every line to this file when the broker has confirmed it.");

    public PublishVerb(GlobalOptions global, CliContext context)
        : base("publish", "Publishes a message, a file, or every line of an input.", global, context)
    {
        Add(_topic);
        Add(_message);
        foreach (Option option in (ReadOnlySpan<Option>)[
            _messageOption, _file, _lines, _group, _partitionKey, _header, _contentType, _ttl, _delay, _noConfirm, _inFlight, _skip, _confirmedLog])
        {
            Add(option);
        }

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
            new("fibrilctl publish jobs --lines --file /var/log/syslog", "Publishes every line of a file, with a progress display."),
            new("zcat events.gz | fibrilctl publish jobs --lines --confirmed-log done.txt", "Publishes lines as they come, and keeps record of what is stored."),
            new("fibrilctl publish jobs --lines --file events.txt --skip 12288", "Goes on behind line 12288."),
            new("fibrilctl publish jobs \"later\" --delay 5m --header source=cron --partition-key customer-7", "Publishes with properties."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool isText = parse.GetResult(_message) is { Tokens.Count: > 0 } || parse.GetResult(_messageOption) is not null;
        bool isTwice = parse.GetResult(_message) is { Tokens.Count: > 0 } && parse.GetResult(_messageOption) is not null;
        bool hasFile = parse.GetResult(_file) is not null, isLines = parse.GetValue(_lines);
        if (isTwice) faults.Add("The message is given twice, as argument and with --message; give it once.");
        if (isText && (hasFile || isLines)) faults.Add("Give either a message or --file or --lines, not both.");
        if (!isText && !hasFile && !isLines) faults.Add("Nothing to publish: give a message, or --file <path>, or --lines to read them from standard input.");
        if (!isLines)
        {
            foreach (Option option in (ReadOnlySpan<Option>)[_inFlight, _skip, _confirmedLog])
                if (parse.GetResult(option) is not null) faults.Add($"{option.Name} is for --lines only.");
        }

        if (parse.GetValue(_noConfirm) && parse.GetResult(_confirmedLog) is not null) faults.Add("--no-confirm leaves nothing to write to --confirmed-log.");
        if (parse.GetResult(_delay) is not null && parse.GetResult(_ttl) is not null)
            faults.Add("A delayed message cannot have a --ttl of its own; declare the queue with --default-ttl instead.");
        if (Global.PasswordIsOnInput(parse) && ReadsInput(parse)) faults.Add("--password-stdin and messages cannot both come from standard input; use --file, or FIBRIL_PASSWORD.");
        ReadHeaders(parse, faults);
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        if (parse.GetValue(_lines)) return await PublishLinesAsync(parse, talk, cancellationToken);
        (byte[] payload, string? contentType) = ReadPayload(parse);
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        Publisher publisher = CreatePublisher(parse, client);
        MessageProperties properties = ReadProperties(parse, contentType);
        string topic = parse.GetRequiredValue(_topic);
        if (parse.GetValue(_noConfirm))
        {
            await publisher.SendAsync(payload, properties, cancellationToken);
            await client.PingAsync(cancellationToken); // a refusal would end the connection, and come before the answer
            talk.Say($"sent to {topic}, unconfirmed");
            return ExitCode.Success;
        }

        long offset = await publisher.PublishAsync(payload, properties, cancellationToken);
        using Stream output = Context.OpenOutput();
        output.Write(Encoding.UTF8.GetBytes($"published {topic} at offset {offset}\n"));
        return ExitCode.Success;
    }

    private async Task<int> PublishLinesAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        int? inFlight = parse.GetValue(_noConfirm) ? null : (int)(parse.GetValue(_inFlight) ?? DefaultInFlight);
        var options = new LineOptions(inFlight, parse.GetValue(_skip) ?? 0, MostMessageBytes);
        using Stream input = OpenInput(parse);
        using ConfirmedLog? log = parse.GetValue(_confirmedLog) is { } path ? ConfirmedLog.Open(path) : null;
        BrokerTarget target = Global.FindBroker(parse, Context);
        await using FibrilClient client = await Connector.ConnectAsync(target, cancellationToken, Math.Clamp(inFlight ?? 16, 1 << 14, MostInFlight));
        var lines = new LinePublisher(input, client, CreatePublisher(parse, client), ReadProperties(parse, null), options, log);
        long started = Stopwatch.GetTimestamp();
        await new PublishProgress(talk, lines.Tally, input.CanSeek ? input.Length : null, inFlight is not null).ShowAsync(() => lines.RunAsync(cancellationToken));
        return PublishSummary.Tell(
            new PublishOutcome(lines.Tally, lines.ResumeLine, options, parse.GetRequiredValue(_topic), target.Address, Stopwatch.GetElapsedTime(started)),
            client.DisconnectReason, talk);
    }

    private Publisher CreatePublisher(ParseResult parse, FibrilClient client) =>
        client.CreatePublisher(parse.GetRequiredValue(_topic), new PublisherOptions { Group = parse.GetValue(_group) });

    private bool ReadsInput(ParseResult parse) =>
        parse.GetValue(_file) is { } path ? path == StandardInput : parse.GetValue(_lines);

    private Stream OpenInput(ParseResult parse)
    {
        if (ReadsInput(parse)) return Context.OpenInput();
        string path = parse.GetValue(_file)!;
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string? remedy = Directory.Exists(path) ? "It is a directory; name a file." : null;
            throw new CliException(ExitCode.Failure, $"the file {path} cannot be read", remedy, fault);
        }
    }

    private (byte[] Payload, string? ContentType) ReadPayload(ParseResult parse)
    {
        if ((parse.GetValue(_message) ?? parse.GetValue(_messageOption)) is { } text) return (Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
        using Stream input = OpenInput(parse);
        using var content = new MemoryStream();
        byte[] block = new byte[256 << 10];
        for (int count = input.Read(block); count > 0; count = input.Read(block))
        {
            content.Write(block, 0, count);
            if (content.Length > MostMessageBytes)
            {
                throw new CliException(
                    ExitCode.Failure, $"the file is longer than {MostMessageBytes} bytes, the most that fits into one message",
                    "Publish its lines one by one with --lines, or store it elsewhere and publish where it is.");
            }
        }

        return (content.ToArray(), null);
    }

    private MessageProperties ReadProperties(ParseResult parse, string? defaultContentType)
    {
        List<(string Key, string Value)> given = ReadHeaders(parse, []);
        bool namesContentType = given.Exists(static header => header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase));
        var headers = new MessageHeaders();
        foreach ((string key, string value) in given) headers[key] = value;
        return new MessageProperties
        {
            Headers = given.Count == 0 ? null : headers,
            ContentType = parse.GetValue(_contentType) ?? (namesContentType ? null : defaultContentType),
            PartitionKey = parse.GetValue(_partitionKey),
            TimeToLive = parse.GetValue(_ttl),
            Delay = parse.GetValue(_delay),
        };
    }

    private List<(string Key, string Value)> ReadHeaders(ParseResult parse, ICollection<string> faults)
    {
        var headers = new List<(string, string)>();
        foreach (string header in parse.GetValue(_header) ?? [])
        {
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? header : header[..equals];
            if (equals < 1) faults.Add($"--header '{header}' is no key=value.");
            else if (key.StartsWith("fibril.", StringComparison.Ordinal) || key.StartsWith("stroma.", StringComparison.Ordinal)) faults.Add($"--header '{key}' is reserved: keys that start with 'fibril.' or 'stroma.' are the broker's.");
            else headers.Add((key, header[(equals + 1)..]));
        }

        return headers;
    }
}
