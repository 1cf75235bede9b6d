using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Ends a connection.</summary>
internal sealed class ConnectionsCloseVerb : ChangeVerb
{
    private readonly Argument<string> _id = Inputs.Name("id", "Id of the connection, as fibrilctl connections list shows it.");
    private readonly Option<string?> _reason = Inputs.Text("--reason", "text", "For the record that the broker keeps.");

    public ConnectionsCloseVerb(GlobalOptions global, CliContext context) : base("close", "Ends a client connection.", global, context)
    {
        Add(_id);
        Add(_reason);
        Notes = ["A client that reconnects by itself comes back. To keep it away, remove its user first."];
        Examples = [new("fibrilctl connections close 5f0c2f1e-7d0a-4a55-9d2b-0d8b6c1c2a11 --reason 'floods' --yes", "Exit code 3 when it has ended before.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string id = parse.GetRequiredValue(_id);
        Confirm(parse, $"close connection {id}");
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            Route.To("/admin/api/connections", id, "/close"), new CloseConnectionRequest(parse.GetValue(_reason)), AdminJson.Default.CloseConnectionRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(_ => $"closed connection {id}")));
        return ExitCode.Success;
    }
}
