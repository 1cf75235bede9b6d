using System.CommandLine;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands;

/// <summary>A word that has commands below it.</summary>
internal sealed class CommandGroup : TeachingCommand
{
    private readonly Func<ParseResult, IReadOnlyList<string>, int> _explain;

    /// <param name="name">The word.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="explain">Writes the help of a path.</param>
    /// <param name="examples">Command lines to learn from.</param>
    public CommandGroup(string name, string description, Func<ParseResult, IReadOnlyList<string>, int> explain, params Example[] examples) : base(name, description)
    {
        _explain = explain;
        Examples = examples;
    }

    /// <summary>Puts the commands below it, with help as the last.</summary>
    public CommandGroup With(params ReadOnlySpan<Command> commands)
    {
        foreach (Command command in commands) Add(command);
        Add(new HelpVerb(this, _explain));
        return this;
    }
}
