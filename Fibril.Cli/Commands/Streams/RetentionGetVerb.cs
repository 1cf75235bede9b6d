using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Shows what a stream keeps.</summary>
internal sealed class RetentionGetVerb : QueryVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();

    public RetentionGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows how long and how much a stream keeps.", global, context)
    {
        Add(_topic);
        Examples = [new("fibrilctl stream retention get ticks", "Age, bytes and records, as far as they are bounded.")];
    }

    protected override View View(ParseResult parse) => StreamColumns.Retention;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        (await admin.GetAsync(new Route("/admin/api/streams/get").With("topic", parse.GetRequiredValue(_topic)), cancellationToken)).At("stream.retention");
}
