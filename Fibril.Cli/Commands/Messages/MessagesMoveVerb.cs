using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Moves or copies messages to another queue. Stands among the message commands, and as <c>queue move</c> and <c>queue copy</c>.</summary>
internal sealed class MessagesMoveVerb : ChangeVerb
{
    private const int MostAtOnce = 5000;

    private readonly bool _keeps;
    private readonly MessagePlace _place = new();
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Messages: a number, a range such as 5-9, several with commas; may be repeated.");
    private readonly Option<long?> _count = Inputs.Number("--count", "Instead of --offset: so many ready messages, the oldest first.", 1, MostAtOnce);
    private readonly Option<string?> _to = Inputs.Topic("--to", "Queue that they go to.");
    private readonly Option<string?> _toGroup = Inputs.Group("--to-group", "Group of that queue.");

    public MessagesMoveVerb(string level, bool keeps, GlobalOptions global, CliContext context)
        : base(
            keeps ? "copy" : "move", keeps ? "Copies messages to another queue." : "Moves messages to another queue: each is removed here when its copy there is durable.", global, context)
    {
        _keeps = keeps;
        _to.Required = true;
        _place.AddTo(this);
        AddOptions(_offsets, _count, _to, _toGroup);
        Notes = ["Messages that consumers hold are skipped. When not all could be dealt with the exit code is 8."];
        Examples =
        [
            new($"fibrilctl {level} {Name} jobs --count 100 --to jobs.later{(keeps ? "" : " --yes")}", "The hundred oldest that are ready."),
            new($"fibrilctl {level} {Name} jobs --offset 5-9 --partition 1 --to jobs.odd{(keeps ? "" : " --yes")}", "Five that you have picked."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetResult(_offsets) is null == (parse.GetResult(_count) is null)) faults.Add("Give either --offset or --count.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = _place.Topic(parse), to = parse.GetRequiredValue(_to)!;
        using AdminClient admin = Connect(parse);
        IReadOnlyList<long> offsets = parse.Given(_offsets) ?? await FindReadyAsync(parse, admin, parse.GetValue(_count)!.Value, cancellationToken);
        if (!_keeps && offsets.Count > 0) Confirm(parse, $"move {Amounts.Count(offsets.Count, "message", "messages")} from {topic} to {to}");
        JsonElement answer = await MessageBatch.RunAsync(offsets, "replayed", chunk => admin.PostAsync(
            new Route("/admin/api/messages/move"),
            new MoveMessagesRequest(topic, _place.Group(parse), _place.Partition(parse), chunk, new QueueTarget(to, parse.GetValue(_toGroup)), _keeps),
            AdminJson.Default.MoveMessagesRequest, cancellationToken));
        Print(parse, answer, MessageBatch.Outcomes);
        return MessageBatch.Judge(answer);
    }

    private async Task<IReadOnlyList<long>> FindReadyAsync(ParseResult parse, AdminClient admin, long count, CancellationToken cancellationToken)
    {
        JsonElement page = await admin.GetAsync(_place.Apply(parse, new Route("/admin/api/messages")).With("limit", count).With("status", "ready"), cancellationToken);
        return [.. page.At("items").Items().Select(static item => item.At("state.offset").Number()).OfType<long>()];
    }
}
