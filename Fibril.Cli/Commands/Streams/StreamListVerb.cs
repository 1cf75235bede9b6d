using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Lists streams.</summary>
internal sealed class StreamListVerb : QueryVerb
{
    private readonly ListingOptions _listing = new("topic, partition_count, loaded_partitions");

    public StreamListVerb(GlobalOptions global, CliContext context) : base("list", "Lists all streams with what they keep.", global, context)
    {
        _listing.AddTo(this);
        Examples = [new("fibrilctl stream list", "All streams, by name."), new("fibrilctl stream list --filter ticks -o wide", "Some of them, with more columns.")];
    }

    protected override View View(ParseResult parse) => StreamColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(_listing.Apply(parse, new Route("/admin/api/streams/list")), cancellationToken);
}
