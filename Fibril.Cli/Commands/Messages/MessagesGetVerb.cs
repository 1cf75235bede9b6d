using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Shows one message.</summary>
internal sealed class MessagesGetVerb : AdminVerb
{
    private readonly MessagePlace _place = new();
    private readonly Argument<long> _offset = new("offset") { Description = "Offset of the message." };
    private readonly Option<bool> _raw = Inputs.Flag("--raw", "Writes the payload alone, byte for byte.");

    public MessagesGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows one message with its headers and payload.", global, context)
    {
        _place.AddTo(this);
        Add(_offset);
        Add(_raw);
        Examples =
        [
            new("fibrilctl messages get jobs 17", "State, headers, payload."),
            new("fibrilctl messages get jobs 17 --partition 2 --raw > payload.bin", "The payload into a file."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_offset) < 0) faults.Add("offset: write 0 or more.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        long offset = parse.GetValue(_offset);
        JsonElement page = await admin.GetAsync(
            _place.Apply(parse, new Route("/admin/api/messages")).With("from", offset.ToString(CultureInfo.InvariantCulture)).With("limit", 1).With("include_settled", true)
                .With("include_payload", true).With("payload_limit_bytes", MessageBatch.LongestPayload),
            cancellationToken);
        JsonElement message = page.At("items").Items().FirstOrDefault(item => item.At("state.offset").Number() == offset);
        if (message.IsMissing())
            throw new CliException(ExitCode.NotFound, $"{_place.Topic(parse)} partition {_place.Partition(parse)} has no message at offset {offset}", "It was settled and removed, or is in another --partition. See fibrilctl messages story.");
        if (!parse.GetValue(_raw))
        {
            Print(parse, message, MessageColumns.One);
            return ExitCode.Success;
        }

        if (message.At("payload_truncated").IsTrue()) throw new CliException(ExitCode.Failure, "the payload is longer than the admin API hands out", "Take it with fibrilctl consume.");
        using Stream output = Context.OpenOutput();
        if (message.At("payload_base64") is { ValueKind: JsonValueKind.String } payload) output.Write(payload.GetBytesFromBase64());
        return ExitCode.Success;
    }
}
