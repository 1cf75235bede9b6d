using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Changes what a stream keeps.</summary>
internal sealed class RetentionSetVerb : ChangeVerb
{
    private const string None = "none";

    private readonly Argument<string> _topic = Inputs.Topic();

    private readonly Option<long?> _maxAge = Bound(
        "--max-age", "duration", "Records older than this are removed",
        static text => DurationText.TryParse(text, out TimeSpan age) ? (long)age.TotalMilliseconds : null, $"{None} or {DurationText.Forms}");

    private readonly Option<long?> _maxBytes = Bound("--max-bytes", "n", "The oldest are removed when a partition is larger", ReadNumber, $"{None} or a whole number");
    private readonly Option<long?> _maxRecords = Bound("--max-records", "n", "The oldest are removed when a partition has more", ReadNumber, $"{None} or a whole number");

    public RetentionSetVerb(GlobalOptions global, CliContext context) : base("set", "Changes how long and how much a stream keeps.", global, context)
    {
        Add(_topic);
        AddOptions(_maxAge, _maxBytes, _maxRecords);
        Notes = ["Bounds that are not given stay as they are. Records beyond a new bound are removed at once, hence the question."];
        Examples =
        [
            new("fibrilctl stream retention set ticks --max-age 7d --yes", "A week."),
            new("fibrilctl stream retention set ticks --max-bytes none --max-records 1000000 --yes", "No bound by size, one by number."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if ((parse.GetResult(_maxAge) ?? parse.GetResult(_maxBytes) ?? parse.GetResult(_maxRecords)) is null) faults.Add("Nothing to change: give --max-age, --max-bytes or --max-records.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic);
        Confirm(parse, $"change what stream {topic} keeps");
        using AdminClient admin = Connect(parse);
        JsonElement now = (await admin.GetAsync(new Route("/admin/api/streams/get").With("topic", topic), cancellationToken)).At("stream.retention");
        var request = new StreamRetentionRequest(
            topic, Merge(parse, _maxAge, now.At("max_age_ms")), Merge(parse, _maxBytes, now.At("max_bytes")), Merge(parse, _maxRecords, now.At("max_records")));
        JsonElement answer = await admin.PutAsync(new Route("/admin/api/streams/retention"), request, AdminJson.Default.StreamRetentionRequest, cancellationToken);
        Print(parse, answer, StreamColumns.Retention);
        return ExitCode.Success;
    }

    private static long? Merge(ParseResult parse, Option<long?> option, JsonElement now) =>
        parse.GetResult(option) is null ? now.Number() : parse.GetValue(option) is >= 0 and var bound ? bound : null;

    /// <summary>An option whose value "none" is read as -1.</summary>
    private static Option<long?> Bound(string name, string placeholder, string description, Func<string, long?> read, string forms) => Inputs.Checked<long?>(
        name, $"{placeholder}|{None}", $"{description}; {None} lifts the bound.",
        text => text == None ? (-1L, null) : read(text) is { } value ? (value, null) : Inputs.Bad<long?>($"'{text}' is not allowed; write {forms}"));

    private static long? ReadNumber(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
}
