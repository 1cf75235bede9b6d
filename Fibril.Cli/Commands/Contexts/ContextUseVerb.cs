using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Contexts;

/// <summary>Makes a context the current one.</summary>
internal sealed class ContextUseVerb : Verb
{
    private readonly Argument<string> _name = Inputs.Name("name", "Name of the context.");

    public ContextUseVerb(GlobalOptions global, CliContext context) : base("use", "Makes a context the one that counts when none is named.", global, context)
    {
        Add(_name);
        Notes = ["Addresses and users in options and FIBRIL_ variables still count more than the current context; those of --context count more than variables."];
        Examples = [new("fibrilctl context use prod", "From now on.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        var file = new ContextFile(Context);
        string name = parse.GetRequiredValue(_name);
        ContextList list = file.Read();
        if (list.Contexts.All(saved => saved.Name != name)) throw new CliException(ExitCode.NotFound, $"there is no context '{name}'", "See fibrilctl context list.");
        file.Write(list with { Current = name });
        talk.Say($"{name} is the current context now");
        return Task.FromResult(ExitCode.Success);
    }
}
