using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Admin;

/// <summary>Lets a broker read its certificate again.</summary>
internal sealed class ReloadTlsVerb : AdminVerb
{
    public ReloadTlsVerb(GlobalOptions global, CliContext context) : base("reload-tls", "Lets the broker read its certificate and key again.", global, context, OutputFormat.Json)
    {
        Notes = ["New connections get the new certificate, open ones are left alone. When the new files do not fit, the old certificate keeps serving and the exit code is 1."];
        Examples = [new("fibrilctl admin reload-tls", "After the files were replaced.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        Print(parse, await admin.PostAsync(new Route("/admin/api/tls/reload"), cancellationToken), AdminViews.Certificate);
        return ExitCode.Success;
    }
}
