using System.CommandLine;
using Fibril.Cli.Commands;
using Fibril.Cli.Commands.Contexts;

namespace Fibril.Cli;

internal sealed partial class FibrilctlCommand
{
    private IEnumerable<Command> LocalCommands() =>
    [
        Group("context", "Manages names for brokers and users.", new("fibrilctl context add prod --broker broker-1:9876 --username ops", "Gives one a name."))
            .With(new ContextListVerb(Global, _context), new ContextUseVerb(Global, _context), new ContextAddVerb(Global, _context), new ContextRemoveVerb(Global, _context)),
        new CompletionVerb(Global, _context),
        new VersionVerb(Global, _context),
    ];
}
