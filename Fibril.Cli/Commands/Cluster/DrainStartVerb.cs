using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Announces that a broker goes away.</summary>
internal sealed class DrainStartVerb : ChangeVerb
{
    private static readonly View Drained = new(
        new Sentence(static answer => $"told {Amounts.Count(answer.At("connections_notified").Number() ?? 0, "client", "clients")}"),
        new Sentence(static answer => answer.At("handoff").Text() == "not_applicable" ? "the broker stands alone: there is nobody to hand partitions to"
            : answer.At("handoff_complete").IsTrue() ? $"all partitions are handed over, after {Amounts.Duration(TimeSpan.FromMilliseconds(answer.At("handoff_waited_ms").Number() ?? 0))}"
            : $"{answer.At("owned_partitions_remaining").Number()} partitions are not handed over yet; see fibrilctl drain status"));

    private readonly Option<TimeSpan?> _grace = Inputs.Duration("--grace", "How long clients are told that the broker goes on serving; default 30s.", most: GlobalOptions.LongestWait);
    private readonly Option<string?> _message = Inputs.Text("--message", "text", "For people who look at the clients' logs.");

    public DrainStartVerb(GlobalOptions global, CliContext context)
        : base("start", "Tells every client that the broker goes away, and in a cluster hands its partitions to others.", global, context)
    {
        AddOptions(_grace, _message);
        Notes = ["The broker keeps running; stop it when the drain is done. In a cluster the command waits for the hand-over, so give it a --timeout that allows for it."];
        Examples = [new("fibrilctl drain start --grace 1m --message 'kernel update' --yes", "Before a restart."), new("fibrilctl drain cancel", "It stays after all.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        Confirm(parse, $"tell all clients that the broker at {AdminFailure.Shown(admin.Address)} goes away");
        var request = new DrainRequest((long?)parse.GetValue(_grace)?.TotalMilliseconds, parse.GetValue(_message));
        Print(parse, await admin.PostAsync(new Route("/admin/api/drain"), request, AdminJson.Default.DrainRequest, cancellationToken), Drained);
        return ExitCode.Success;
    }
}
