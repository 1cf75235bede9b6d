using System.CommandLine;
using System.CommandLine.Completions;

namespace Fibril.Cli.Commands;

/// <summary>What the scripts of <c>completion</c> ask, hidden from help: one proposal a line for the word at the end of a command line.</summary>
internal sealed class CompleteVerb : Command
{
    public const string Word = "__complete";

    private readonly Argument<string> _line = new("line") { Description = "The command line up to the cursor." };

    public CompleteVerb(CliContext context, Func<string, ParseResult> parse) : base(Word, "Proposes what may come next.")
    {
        Hidden = true;
        Add(_line);
        SetAction(asked =>
        {
            string line = asked.GetRequiredValue(_line);
            foreach (CompletionItem item in parse(line).GetCompletions(line.Length).Where(static item => item.Label != Word)) context.Help.WriteLine(item.Label);
        });
    }
}
