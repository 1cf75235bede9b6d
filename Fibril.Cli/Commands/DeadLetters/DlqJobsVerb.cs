using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Lists replays.</summary>
internal sealed class DlqJobsVerb : QueryVerb
{
    private static readonly View Jobs = new(new Table(
        "jobs", "No replays.",
        Column.Text("ID", "id"), Column.Text("ACTION", "action"), Column.Text("DLQ", "dlq_topic"), Column.Text("GROUP", "dlq_group"), Column.Text("STATE", "state"), Column.Text("DRY-RUN", "dry_run"),
        Column.Time("STARTED", "started_ms"), Column.Time("ENDED", "ended_ms").Extra, Column.Count("EXAMINED", "examined"), Column.Count("MATCHED", "matched"),
        Column.Count("REPLAYED", "replayed"), Column.Count("DELETED", "deleted"), Column.Count("SKIPPED", "skipped"), Column.Count("FAILED", "failed"), Column.Count("UNDOABLE", "undoable"), Column.Text("BY", "started_by").Extra, Column.Text("ERROR", "error")));

    public DlqJobsVerb(GlobalOptions global, CliContext context) : base("jobs", "Lists the replays that run, and the newest of those that have ended.", global, context) =>
        Examples = [new("fibrilctl dlq jobs --watch", "Watches them.")];

    protected override View View(ParseResult parse) => Jobs;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/dlq/replay/jobs"), cancellationToken);
}
