using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Removes single messages.</summary>
internal sealed class MessagesDeleteVerb : ChangeVerb
{
    private readonly MessagePlace _place = new();
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Messages to remove: a number, a range such as 5-9, several with commas; may be repeated.");

    public MessagesDeleteVerb(GlobalOptions global, CliContext context) : base("delete", "Removes single messages of a queue for good.", global, context)
    {
        _offsets.Required = true;
        _place.AddTo(this);
        Add(_offsets);
        Notes = ["A message that a consumer holds is not removed. When not all could be removed the exit code is 8."];
        Examples = [new("fibrilctl messages delete jobs --offset 17 --offset 20-25 --yes", "Seven messages of partition 0.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        long[] offsets = parse.GetRequiredValue(_offsets)!;
        Confirm(parse, $"remove {Amounts.Count(offsets.Length, "message", "messages")} of {_place.Topic(parse)}");
        using AdminClient admin = Connect(parse);
        JsonElement answer = await MessageBatch.RunAsync(offsets, "removed", chunk => admin.PostAsync(
            new Route("/admin/api/messages/delete"), new DeleteMessagesRequest(_place.Topic(parse), _place.Group(parse), _place.Partition(parse), chunk),
            AdminJson.Default.DeleteMessagesRequest, cancellationToken));
        Print(parse, answer, MessageBatch.Removals);
        return MessageBatch.Judge(answer);
    }
}
