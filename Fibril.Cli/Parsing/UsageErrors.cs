using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Fibril.Cli.Parsing;

/// <summary>What is wrong with a command line, with the nearest right one.</summary>
internal static class UsageErrors
{
    private const int MostEdits = 3;

    /// <summary>The faults; empty when the command line can run.</summary>
    public static IReadOnlyList<string> Find(ParseResult parse, GlobalOptions global)
    {
        if (parse.Action is ParseErrorAction) return [.. Describe(parse).Concat(Suggest(parse)).Distinct()];
        var faults = new List<string>();
        if (parse.CommandResult.Command is not Verb verb || parse.Action != verb.Action) return faults; // help and version run always
        global.Check(parse, faults);
        verb.Check(parse, faults);
        return faults;
    }

    /// <summary>The words that were typed to get where <paramref name="parse"/> ended.</summary>
    public static string PathOf(ParseResult parse) => string.Join(' ', WordsTo(parse.CommandResult.Command));

    /// <summary>The words that lead to a command, that of the tool first.</summary>
    public static IReadOnlyList<string> WordsTo(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault()) names.Insert(0, symbol.Name);
        return names;
    }

    /// <summary>True when only a command is missing, so that help says best how to go on.</summary>
    public static bool LacksCommandOnly(ParseResult parse) =>
        parse.Action is ParseErrorAction && parse.UnmatchedTokens.Count == 0 && parse.CommandResult.Command is not Verb;

    private static IEnumerable<string> Describe(ParseResult parse)
    {
        // That a command is missing goes without saying when there is a word in its place.
        bool isMistyped = parse.UnmatchedTokens.Count > 0;
        return parse.Errors.Where(error => !isMistyped || error.SymbolResult is not CommandResult { Command: not Verb } || Mentions(error, parse.UnmatchedTokens))
            .Select(error => error.Message);
    }

    private static bool Mentions(ParseError error, IEnumerable<string> tokens) =>
        tokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));

    private static IEnumerable<string> Suggest(ParseResult parse)
    {
        foreach (string token in parse.UnmatchedTokens)
        {
            string? nearest = NamesAt(parse.CommandResult.Command)
                .Where(name => name.StartsWith('-') == token.StartsWith('-'))
                .Select(name => (Name: name, Edits: CountEdits(token, name)))
                .Where(near => near.Edits <= Math.Min(MostEdits, near.Name.Length / 2))
                .OrderBy(near => near.Edits)
                .Select(near => near.Name)
                .FirstOrDefault();
            if (nearest is not null) yield return $"Did you mean '{nearest}' instead of '{token}'?";
        }
    }

    private static IEnumerable<string> NamesAt(Command command)
    {
        IEnumerable<Command> above = command.Parents.OfType<Command>().Concat(command.Parents.SelectMany(parent => parent.Parents).OfType<Command>());
        IEnumerable<Option> options = command.Options.Concat(above.SelectMany(parent => parent.Options).Where(option => option.Recursive));
        return command.Subcommands.Select(sub => sub.Name).Concat(options.Select(option => option.Name));
    }

    /// <summary>The fewest characters to insert, remove or replace (Levenshtein).</summary>
    internal static int CountEdits(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int row = 1; row <= from.Length; row++)
        {
            int[] current = new int[to.Length + 1];
            current[0] = row;
            for (int column = 1; column <= to.Length; column++)
            {
                int replaced = previous[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, 1 + Math.Min(previous[column], current[column - 1]));
            }

            previous = current;
        }

        return previous[^1];
    }
}
