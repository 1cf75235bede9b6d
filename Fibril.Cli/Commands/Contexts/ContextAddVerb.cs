using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Contexts;

/// <summary>Saves addresses and a user under a name.</summary>
internal sealed class ContextAddVerb : Verb
{
    private readonly Argument<string> _name = Inputs.Name("name", "Name of the context.");

    public ContextAddVerb(GlobalOptions global, CliContext context) : base("add", "Saves addresses and a user under a name, in place of what was there.", global, context)
    {
        Add(_name);
        Notes = [$"Takes --broker, --admin, --username and --password or --password-stdin. The file {ContextFile.Place} can be read by its owner only. The first context becomes the current one."];
        Examples =
        [
            new("fibrilctl context add prod --broker broker-1:9876 --admin https://broker-1:8081 --username ops --password-stdin < ops.txt", "With a password."),
            new("fibrilctl context add local --broker 127.0.0.1:9876", "The password is asked for, or comes from FIBRIL_PASSWORD, when it is needed."),
        ];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        SavedContext added = Global.ReadContext(parse, parse.GetRequiredValue(_name), Context);
        if (added == new SavedContext(added.Name)) throw new CliException(ExitCode.Usage, "there is nothing to save", "Give --broker, --admin, --username, or one of the TLS options.");
        var file = new ContextFile(Context);
        ContextList list = file.Read();
        SavedContext[] contexts = [.. list.Contexts.Where(saved => saved.Name != added.Name).Append(added).OrderBy(static saved => saved.Name, StringComparer.Ordinal)];
        file.Write(new ContextList(list.Current ?? added.Name, contexts));
        talk.Say($"saved context {added.Name}{(list.Current is null ? ", which is the current one now" : "")}");
        return Task.FromResult(ExitCode.Success);
    }
}
