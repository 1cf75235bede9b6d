using System.CommandLine;
using Fibril.Cli.Commands;
using Fibril.Cli.Commands.Bench;
using Fibril.Cli.Commands.Contexts;
using Fibril.Cli.Commands.Diagnostics;
using Fibril.Cli.Commands.Security;

namespace Fibril.Cli;

internal sealed partial class FibrilctlCommand
{
    private IEnumerable<Command> LocalCommands() =>
    [
        new DoctorVerb(Global, _context),
        Group("bench", "Measures a broker, lightly.", new("fibrilctl bench publish bench.q", "How fast are confirms?"))
            .With(new BenchPublishVerb(Global, _context), new BenchConsumeVerb(Global, _context), new BenchLatencyVerb(Global, _context)),
        Group("cert", "Makes certificates and looks at them; works on files of this machine.", new("fibrilctl cert generate --data-dir /var/lib/fibril", "For a broker."))
            .With(new CertGenerateVerb(Global, _context), new CertFingerprintVerb(Global, _context), new CertIssueVerb(Global, _context)),
        Group("secret", "Makes the secret of a cluster; works on files of this machine.", new("fibrilctl secret generate --data-dir /var/lib/fibril", "On the first broker."))
            .With(new SecretGenerateVerb(Global, _context)),
        Group("context", "Manages names for brokers and users.", new("fibrilctl context add prod --broker broker-1:9876 --username ops", "Gives one a name."))
            .With(new ContextListVerb(Global, _context), new ContextUseVerb(Global, _context), new ContextAddVerb(Global, _context), new ContextRemoveVerb(Global, _context)),
        new CompletionVerb(Global, _context),
        new VersionVerb(Global, _context),
    ];
}
