using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Empties a queue.</summary>
internal sealed class QueuePurgeVerb : ChangeVerb
{
    private const string Ready = "ready";

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only.", 0, int.MaxValue);
    private readonly Option<string?> _scope = Inputs.Choice("--scope", "Which messages; default ready.", Ready, "delayed", "all");

    public QueuePurgeVerb(GlobalOptions global, CliContext context) : base("purge", "Removes the messages of a queue that nobody holds.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partition, _scope);
        Notes = ["Messages that consumers hold are left alone, with --scope all too. The queue and its settings stay."];
        Examples =
        [
            new("fibrilctl queue purge jobs", "Removes what is ready, and asks first."),
            new("fibrilctl queue purge jobs --scope all --partition 3 --yes", "What is ready and what is delayed in one partition."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic), scope = parse.GetValue(_scope) ?? Ready;
        Confirm(parse, $"remove {(scope == "all" ? "all messages that nobody holds" : $"all {scope} messages")} of queue {topic}");
        using AdminClient admin = Connect(parse);
        var request = new PurgeRequest(topic, parse.GetValue(_group), parse.GetValue(_partition), scope, topic);
        JsonElement answer = await admin.PostAsync(new Route("/admin/api/queues/purge"), request, AdminJson.Default.PurgeRequest, cancellationToken);
        Print(parse, answer, new View(
            new Sentence(document => $"removed {Amounts.Count(document.At("purged").Number() ?? 0, "message", "messages")} of {topic}"),
            new Table("per_partition", "", Column.Count("PARTITION", "partition"), Column.Count("REMOVED", "purged"))));
        return ExitCode.Success;
    }
}
