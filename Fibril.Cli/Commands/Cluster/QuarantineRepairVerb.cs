using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Gives up what cannot be read of a damaged partition.</summary>
internal sealed class QuarantineRepairVerb : ChangeVerb
{
    private static readonly View Repaired = new(
        new Sentence(static answer => $"{answer.At("topic").Text()} partition {answer.At("partition").Number()} is {(answer.At("repaired").IsTrue() ? "repaired and serves again" : "not repaired")}"),
        new Table("steps", "", Column.Text("DAMAGE", "damage"), Column.Text("DONE", "action"), Column.Count("LOST", "lost_records")));

    private readonly MessagePlace _place = new();

    public QuarantineRepairVerb(GlobalOptions global, CliContext context)
        : base("repair", "Gives up what cannot be read of a quarantined partition, and lets it serve again.", global, context)
    {
        _place.AddTo(this);
        Notes = ["On a broker that follows another one the owner sends what was lost again. Otherwise it is gone: look at fibrilctl quarantine list first, and copy the files if in doubt."];
        Examples = [new("fibrilctl quarantine repair jobs --partition 3", "Asks first.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        Confirm(parse, $"give up what is damaged of {_place.Topic(parse)} partition {_place.Partition(parse)}");
        using AdminClient admin = Connect(parse);
        Print(parse, await admin.PostAsync(_place.Apply(parse, new Route("/admin/api/quarantine/repair")), cancellationToken), Repaired);
        return ExitCode.Success;
    }
}
