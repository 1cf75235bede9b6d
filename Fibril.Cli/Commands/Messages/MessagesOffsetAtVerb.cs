using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Finds the place of a time.</summary>
internal sealed class MessagesOffsetAtVerb : QueryVerb
{
    private static readonly View Place = new(new Sheet(
        null, "",
        Column.Count("Offset", "offset"), Column.Time("Received", "received_ms"), Column.Count("Oldest stored", "start_offset"), Column.Count("End", "end_offset")));

    private readonly MessagePlace _place = new();
    private readonly Option<Moment?> _time = Inputs.Time("--time", $"The time: {Moment.Forms}.");

    public MessagesOffsetAtVerb(GlobalOptions global, CliContext context) : base("offset-at", "Finds the first message that was received at a time or later.", global, context)
    {
        _time.Required = true;
        _place.AddTo(this);
        Add(_time);
        Examples = [new("fibrilctl messages offset-at jobs --time 2h", "Where the last two hours begin.")];
    }

    protected override View View(ParseResult parse) => Place;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        _place.Apply(parse, new Route("/admin/api/messages/offset_at")).With("at_ms", parse.GetValue(_time)!.Value.ToUnixMilliseconds(Context.Time)), cancellationToken);
}
