using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Shows one stream.</summary>
internal sealed class StreamGetVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();

    public StreamGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows a stream: what it keeps, its partitions, and its cursors.", global, context)
    {
        Add(_topic);
        Examples = [new("fibrilctl stream get ticks", "Settings, partitions, and how far each durable reader is."), new("fibrilctl stream get ticks --watch", "Watches readers catch up.")];
    }

    protected override View View(ParseResult parse) => StreamColumns.Detail;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/streams/get").With("topic", parse.GetRequiredValue(_topic)), cancellationToken);
}
