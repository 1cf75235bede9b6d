using System.CommandLine;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands;

/// <summary><c>help</c> as a word, on every level that has commands.</summary>
internal sealed class HelpVerb : Command
{
    private readonly Argument<string[]> _path = new("command") { Arity = ArgumentArity.ZeroOrMore, Description = "The command to explain." };

    public HelpVerb(Command level, Func<ParseResult, IReadOnlyList<string>, int> explain) : base("help", "Explains a command.")
    {
        Add(_path);
        SetAction(parse => explain(parse, [.. UsageErrors.WordsTo(level).Skip(1), .. parse.GetValue(_path) ?? []]));
    }
}
