using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Shows whether a broker lives and serves.</summary>
internal sealed class HealthVerb : QueryVerb
{
    public HealthVerb(GlobalOptions global, CliContext context) : base("health", "Shows whether a broker lives, is ready, and has damaged partitions.", global, context)
    {
        Notes = ["Exit code 0 when it is ready, 1 when it is not, 6 when nothing answers. No login is needed."];
        Examples = [new("fibrilctl health", "Once."), new("fibrilctl health --quiet > /dev/null", "As a probe.")];
    }

    protected override View View(ParseResult parse) => Readiness.View;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => Readiness.AskAsync(admin, cancellationToken);

    protected override int Judge(ParseResult parse, JsonElement answer) => Readiness.IsReady(answer) ? ExitCode.Success : ExitCode.Failure;
}
