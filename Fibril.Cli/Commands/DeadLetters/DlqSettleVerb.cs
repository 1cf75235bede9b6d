using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Removes dead letters that nobody needs any more.</summary>
internal sealed class DlqSettleVerb : ChangeVerb
{
    private readonly MessagePlace _place = new();
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Dead letters to remove: a number, a range such as 5-9, several with commas; may be repeated.");

    public DlqSettleVerb(GlobalOptions global, CliContext context) : base("settle", "Removes dead letters for good.", global, context)
    {
        _offsets.Required = true;
        _place.AddTo(this);
        Add(_offsets);
        Notes = ["When not all could be removed the exit code is 8. To remove all, use fibrilctl queue purge."];
        Examples = [new("fibrilctl dlq settle jobs.failed --offset 0-99 --yes", "The first hundred.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        long[] offsets = parse.GetRequiredValue(_offsets)!;
        Confirm(parse, $"remove {Amounts.Count(offsets.Length, "dead letter", "dead letters")} of {_place.Topic(parse)}");
        using AdminClient admin = Connect(parse);
        JsonElement answer = await MessageBatch.RunAsync(offsets, "removed", chunk => admin.PostAsync(
            new Route("/admin/api/dlq/settle"), new SettleDeadLettersRequest(_place.Topic(parse), _place.Group(parse), _place.Partition(parse), chunk),
            AdminJson.Default.SettleDeadLettersRequest, cancellationToken));
        Print(parse, answer, MessageBatch.Removals);
        return MessageBatch.Judge(answer);
    }
}
