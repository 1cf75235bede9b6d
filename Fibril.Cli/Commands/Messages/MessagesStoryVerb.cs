using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Tells the life of one message.</summary>
internal sealed class MessagesStoryVerb : QueryVerb
{
    private static readonly View Story = new(
        new Sheet(
            null, "",
            Column.Count("Offset", "state.offset"), Column.Text("Status", "state.status"), Column.Count("Retries", "state.retry_count"), Column.Text("Held by", "state.holder"),
            Column.Made("Dead letter of", "source", static source => $"{QueueColumns.ChannelOf(source)} offset {source.At("offset").Number()}, because {source.At("reason").Text()}"),
            Column.Bytes("Size", "payload_len")),
        new Table(
            "events", "The log holds nothing of it any more.",
            Column.Time("WHEN", "at_ms"), Column.Text("EVENT", "kind"), Column.Count("RETRIES", "retries"), Column.Text("HOLDER", "holder"), Column.Text("REASON", "reason"),
            Column.Time("NOT-BEFORE", "not_before_ms"), Column.Made("COPY", "copy", static copy => $"{QueueColumns.ChannelOf(copy)}/{copy.At("partition").Number()} offset {copy.At("offset").Number()}")),
        new Sentence(static story => story.At("is_complete").IsTrue()
            ? null
            : $"Not all of it is there: {(story.At("omitted_count").Number() is > 0 and var omitted ? $"{omitted} older events are left out" : "the log does not go back to its beginning")}."));

    private readonly MessagePlace _place = new();
    private readonly Argument<long> _offset = new("offset") { Description = "Offset of the message." };

    public MessagesStoryVerb(GlobalOptions global, CliContext context)
        : base("story", "Tells what happened to one message, as far as the logs still hold it.", global, context)
    {
        _place.AddTo(this);
        Add(_offset);
        Examples = [new("fibrilctl messages story jobs 17", "Published, leased, retried, settled: when, and by whom.")];
    }

    protected override View View(ParseResult parse) => Story;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(
        _place.Apply(parse, Route.To("/admin/api/messages", parse.GetValue(_offset).ToString(CultureInfo.InvariantCulture), "/story")), cancellationToken);
}
