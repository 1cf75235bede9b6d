using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Sends dead letters back to the queues they came from.</summary>
internal sealed class DlqReplayVerb : ChangeVerb
{
    private const string Keep = "keep";
    private const string Ack = "ack";

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "This partition only; default 0 with --offset, else all.", 0, int.MaxValue);
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Dead letters to replay: a number, a range such as 5-9, several with commas; may be repeated.");
    private readonly ReplayFilterOptions _filter = new();
    private readonly Option<bool> _all = Inputs.Flag("--all", "All dead letters of the queue.");
    private readonly Option<bool> _dryRun = Inputs.Flag("--dry-run", "Only counts, and shows some of those that match.");
    private readonly Option<long?> _rate = Inputs.Number("--rate", "Copies a second at most.", 1, 1_000_000);
    private readonly Option<long?> _maxFailures = Inputs.Number("--max-failures", "Stops after so many that could not be replayed.", 0, int.MaxValue);
    private readonly Option<string?> _after = Inputs.Choice("--after", "What becomes of a dead letter whose copy is durable: keep (default) leaves it, ack removes it.", Keep, Ack);
    private readonly Option<string?> _to = Inputs.Topic("--to", "Queue that the copies go to, with a filter or --all; default the one each came from.");
    private readonly Option<string?> _toGroup = Inputs.Group("--to-group", "Group of that queue.");
    private readonly Option<bool> _background = Inputs.Flag("--background", "Does not wait for the end. See fibrilctl dlq jobs.");

    public DlqReplayVerb(GlobalOptions global, CliContext context)
        : base("replay", "Sends dead letters back to the queues they came from: picked ones, or all that meet a filter.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partition, _offsets, _all);
        _filter.AddTo(this);
        AddOptions(_dryRun, _rate, _maxFailures, _after, _to, _toGroup, _background);
        Notes =
        [
            "With a filter the broker does it in the background, and the command shows how far it is until it has ended; Ctrl-C cancels it. "
            + "With the default --after keep a dead letter that is replayed twice is there twice, and fibrilctl dlq undo takes back what nobody was given yet. When not all could be replayed the exit code is 8.",
        ];
        Examples =
        [
            new("fibrilctl dlq replay jobs.failed --offset 3 --offset 7-9", "Four of them."),
            new("fibrilctl dlq replay jobs.failed --reason retries_exhausted --from-time 2h --dry-run", "How many would it be?"),
            new("fibrilctl dlq replay jobs.failed --fingerprint 0d2834261ca7eca3 --rate 50", "All of one cause, gently."),
            new("fibrilctl dlq replay jobs.failed --source-topic jobs --after ack --rate 200 --yes", "All from one queue, gently, and removed here."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool hasOffsets = parse.GetResult(_offsets) is not null, hasFilter = _filter.IsAnyGiven(parse), isAll = parse.GetValue(_all);
        if (hasOffsets && (hasFilter || isAll)) faults.Add("--offset picks dead letters; filters and --all do not go with it.");
        if (!hasOffsets && !hasFilter && !isAll) faults.Add("Say which: --offset <n>, a filter such as --reason or --source-topic, or --all.");
        if (hasOffsets && (parse.GetValue(_dryRun) || parse.GetValue(_background) || (parse.GetResult(_rate) ?? parse.GetResult(_maxFailures)) is not null))
            faults.Add("--dry-run, --rate, --max-failures and --background go with a filter or --all, not with --offset.");
        if (hasOffsets && parse.GetResult(_to) is not null) faults.Add("--to goes with a filter or --all; of picked ones use fibrilctl messages copy or move.");
        if (parse.GetResult(_toGroup) is not null && parse.GetResult(_to) is null) faults.Add("--to-group needs --to.");
        _filter.Check(parse, faults);
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        if (parse.GetValue(_after) == Ack && !parse.GetValue(_dryRun)) Confirm(parse, $"replay dead letters of {parse.GetRequiredValue(_topic)} and remove them there");
        using AdminClient admin = Connect(parse);
        return parse.Given(_offsets) is { } offsets
            ? await ReplayPickedAsync(parse, admin, offsets, cancellationToken)
            : await ReplayMatchingAsync(parse, admin, talk, cancellationToken);
    }

    private async Task<int> ReplayPickedAsync(ParseResult parse, AdminClient admin, long[] offsets, CancellationToken cancellationToken)
    {
        JsonElement answer = await MessageBatch.RunAsync(offsets, "replayed", chunk => admin.PostAsync(
            new Route("/admin/api/dlq/replay"),
            new ReplayRequest(parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_partition) ?? 0, chunk, parse.GetValue(_after) ?? Keep),
            AdminJson.Default.ReplayRequest, cancellationToken));
        Print(parse, answer, MessageBatch.Outcomes);
        return MessageBatch.Judge(answer);
    }

    private async Task<int> ReplayMatchingAsync(ParseResult parse, AdminClient admin, Talk talk, CancellationToken cancellationToken)
    {
        var request = new BulkReplayRequest(
            parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_partition), _filter.Read(parse, Context.Time), parse.GetValue(_dryRun), parse.GetValue(_rate),
            parse.GetValue(_maxFailures), parse.GetValue(_after) ?? Keep, parse.GetValue(_to) is { } to ? new QueueTarget(to, parse.GetValue(_toGroup)) : null);
        JsonElement job = await admin.PostAsync(new Route("/admin/api/dlq/replay/bulk"), request, AdminJson.Default.BulkReplayRequest, cancellationToken);
        if (!parse.GetValue(_background)) job = await new ReplayJob(admin, talk, Context.Time).FollowAsync(job, cancellationToken);
        Print(parse, job, ReplayJob.View);
        return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : parse.GetValue(_background) ? ExitCode.Success : ReplayJob.Judge(job);
    }
}
