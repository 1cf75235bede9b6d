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
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only; default 0 with --offset, else all.", 0, int.MaxValue);
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Dead letters to remove: a number, a range such as 5-9, several with commas; may be repeated.");
    private readonly ReplayFilterOptions _filter = new();
    private readonly Option<bool> _all = Inputs.Flag("--all", "All dead letters of the queue.");
    private readonly Option<bool> _dryRun = Inputs.Flag("--dry-run", "Only counts, and shows some of those that match.");
    private readonly Option<long?> _rate = Inputs.Number("--rate", "Dead letters a second at most.", 1, 100_000);

    public DlqSettleVerb(GlobalOptions global, CliContext context) : base("settle", "Removes dead letters for good: picked ones, or all that meet a filter.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partition, _offsets, _all);
        _filter.AddTo(this);
        AddOptions(_dryRun, _rate);
        Notes = ["With a filter the broker does it in the background, and the command waits for the end; Ctrl-C cancels it. When not all could be removed the exit code is 8."];
        Examples =
        [
            new("fibrilctl dlq settle jobs.failed --offset 0-99 --yes", "The first hundred."),
            new("fibrilctl dlq settle jobs.failed --fingerprint 0d2834261ca7eca3 --dry-run", "How many are of this cause?"),
            new("fibrilctl dlq settle jobs.failed --reason expired --yes", "All that came too late."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool hasOffsets = parse.GetResult(_offsets) is not null, hasFilter = _filter.IsAnyGiven(parse), isAll = parse.GetValue(_all);
        if (hasOffsets && (hasFilter || isAll)) faults.Add("--offset picks dead letters; filters and --all do not go with it.");
        if (!hasOffsets && !hasFilter && !isAll) faults.Add("Say which: --offset <n>, a filter such as --reason or --fingerprint, or --all.");
        if (hasOffsets && (parse.GetValue(_dryRun) || parse.GetResult(_rate) is not null)) faults.Add("--dry-run and --rate go with a filter or --all, not with --offset.");
        _filter.Check(parse, faults);
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic);
        long[]? offsets = parse.Given(_offsets);
        if (!parse.GetValue(_dryRun))
            Confirm(parse, offsets is null ? $"remove the dead letters of {topic} that match" : $"remove {Amounts.Count(offsets.Length, "dead letter", "dead letters")} of {topic}");
        using AdminClient admin = Connect(parse);
        return offsets is not null ? await SettlePickedAsync(parse, admin, offsets, cancellationToken) : await SettleMatchingAsync(parse, admin, talk, cancellationToken);
    }

    private async Task<int> SettlePickedAsync(ParseResult parse, AdminClient admin, long[] offsets, CancellationToken cancellationToken)
    {
        JsonElement answer = await MessageBatch.RunAsync(offsets, "removed", chunk => admin.PostAsync(
            new Route("/admin/api/dlq/settle"),
            new SettleDeadLettersRequest(parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_partition) ?? 0, chunk),
            AdminJson.Default.SettleDeadLettersRequest, cancellationToken));
        Print(parse, answer, MessageBatch.Removals);
        return MessageBatch.Judge(answer);
    }

    private async Task<int> SettleMatchingAsync(ParseResult parse, AdminClient admin, Talk talk, CancellationToken cancellationToken)
    {
        var request = new BulkSettleRequest(
            parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_partition), _filter.Read(parse, Context.Time), parse.GetValue(_dryRun), parse.GetValue(_rate));
        JsonElement job = await admin.PostAsync(new Route("/admin/api/dlq/settle/bulk"), request, AdminJson.Default.BulkSettleRequest, cancellationToken);
        job = await new ReplayJob(admin, talk, Context.Time).FollowAsync(job, cancellationToken);
        Print(parse, job, ReplayJob.View);
        return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : ReplayJob.Judge(job);
    }
}
