using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Deletes a queue.</summary>
internal sealed class QueueDeleteVerb : ChangeVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public QueueDeleteVerb(GlobalOptions global, CliContext context) : base("delete", "Deletes a queue with every message in it.", global, context)
    {
        Add(_topic);
        Add(_group);
        Notes = ["Refused with exit code 4 while a consumer holds messages of it. Deleting a queue that is not there succeeds."];
        Examples =
        [
            new("fibrilctl queue delete jobs", "Asks first."),
            new("fibrilctl queue delete jobs --group billing --yes", "Does not ask, as in a script."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        (string topic, string? group) = (parse.GetRequiredValue(_topic), parse.GetValue(_group));
        Confirm(parse, $"delete queue {topic}{(string.IsNullOrEmpty(group) ? "" : $" group {group}")} and all its messages");
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/queues/delete"), new DeleteChannelRequest(topic, group, topic), AdminJson.Default.DeleteChannelRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(document => document.At("partition_count").Number() is > 0 and var count
            ? $"deleted queue {topic} with {Amounts.Count(count, "partition", "partitions")}"
            : $"there was no queue {topic}")));
        return ExitCode.Success;
    }
}
