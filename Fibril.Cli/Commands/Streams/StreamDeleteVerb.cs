using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Deletes a stream.</summary>
internal sealed class StreamDeleteVerb : ChangeVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();

    public StreamDeleteVerb(GlobalOptions global, CliContext context) : base("delete", "Deletes a stream with its records and cursors.", global, context)
    {
        Add(_topic);
        Notes = ["Deleting a stream that is not there succeeds."];
        Examples = [new("fibrilctl stream delete ticks", "Asks first."), new("fibrilctl stream delete ticks --yes", "Does not ask, as in a script.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic);
        Confirm(parse, $"delete stream {topic} with all its records and cursors");
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/streams/delete"), new DeleteChannelRequest(topic, null, topic), AdminJson.Default.DeleteChannelRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(document => document.At("partition_count").Number() is > 0 and var count
            ? $"deleted stream {topic} with {Amounts.Count(count, "partition", "partitions")}"
            : $"there was no stream {topic}")));
        return ExitCode.Success;
    }
}
