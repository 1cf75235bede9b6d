using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Contexts;

/// <summary>Forgets a context.</summary>
internal sealed class ContextRemoveVerb : Verb
{
    private readonly Argument<string> _name = Inputs.Name("name", "Name of the context.");

    public ContextRemoveVerb(GlobalOptions global, CliContext context) : base("remove", "Forgets a context, with its password.", global, context)
    {
        Add(_name);
        Examples = [new("fibrilctl context remove prod", "When it was the current one, there is none afterwards.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        var file = new ContextFile(Context);
        string name = parse.GetRequiredValue(_name);
        ContextList list = file.Read();
        SavedContext[] rest = [.. list.Contexts.Where(saved => saved.Name != name)];
        if (rest.Length == list.Contexts.Count) throw new CliException(ExitCode.NotFound, $"there is no context '{name}'", "See fibrilctl context list.");
        file.Write(new ContextList(list.Current == name ? null : list.Current, rest));
        talk.Say($"removed context {name}");
        return Task.FromResult(ExitCode.Success);
    }
}
