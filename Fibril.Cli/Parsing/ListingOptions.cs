using System.CommandLine;
using Fibril.Cli.Admin;

namespace Fibril.Cli.Parsing;

/// <summary>The options of commands that list: which, in what order, and how many.</summary>
internal sealed class ListingOptions(string sortKeys)
{
    private readonly Option<string?> _filter = Inputs.Text("--filter", "text", "Only those whose name contains this.");
    private readonly Option<string?> _sort = Inputs.Text("--sort", "key", $"Order: {sortKeys}; a minus in front turns it round, as in --sort=-{sortKeys.Split(", ")[^1]}.");
    private readonly Option<long?> _limit = Inputs.Number("--limit", "How many at most.", 1, 100_000);
    private readonly Option<long?> _skip = Inputs.Number("--skip", "How many to leave out at the beginning.", 0, int.MaxValue);

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_filter, _sort, _limit, _skip]) command.Add(option);
    }

    public Route Apply(ParseResult parse, Route route) => route
        .With("q", parse.GetValue(_filter)).With("sort", parse.GetValue(_sort)).With("limit", parse.GetValue(_limit)).With("offset", parse.GetValue(_skip));
}
