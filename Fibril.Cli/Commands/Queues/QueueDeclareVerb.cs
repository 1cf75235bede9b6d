using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;
using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Cli.Commands;

/// <summary>Creates a queue, or changes what is given of one.</summary>
internal sealed class QueueDeclareVerb : Verb
{
    private const string Discard = "discard";
    private const string GlobalQueue = "global";
    private const string Custom = "custom";

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partitions = Inputs.Number("--partitions", "Partitions of the queue; default the broker's.", 1, int.MaxValue);
    private readonly Option<long?> _maxRetries = Inputs.Number("--max-retries", "Retries of a message before it is dead-lettered.", 0, int.MaxValue);

    private readonly Option<string?> _dlq = Inputs.Choice(
        "--dlq", "Where dead letters go: nowhere, to the dead-letter queue of the broker, or to that of --dlq-topic.", Discard, GlobalQueue, Custom);

    private readonly Option<string?> _dlqTopic = Inputs.Topic("--dlq-topic", "Topic for dead letters; with --dlq custom only, and needed there.");
    private readonly Option<string?> _dlqGroup = Inputs.Group("--dlq-group", "Group of that topic; with --dlq custom only.");

    private readonly Option<TimeSpan?> _defaultTtl = Inputs.Duration("--default-ttl", "Messages that bring no time to live of their own expire after this.");

    private readonly Option<long?> _maxMessages = Inputs.Number("--max-messages", "Most messages of a partition.", 1, long.MaxValue);
    private readonly Option<long?> _maxBytes = Inputs.Number("--max-bytes", "Most bytes of a partition.", 1, long.MaxValue);
    private readonly Option<string?> _overflow = Inputs.Choice("--overflow", "What happens when it is full: publishes are refused, or the oldest message gives way.", "reject", "drop_oldest");
    private readonly Option<TimeSpan?> _expireAfterIdle = Inputs.Duration("--expire-after-idle", "The queue is deleted when it was empty and unused for this long.");

    public QueueDeclareVerb(GlobalOptions global, CliContext context)
        : base("declare", "Creates a queue, or changes what is given of an existing one.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partitions, _maxRetries, _dlq, _dlqTopic, _dlqGroup, _defaultTtl, _maxMessages, _maxBytes, _overflow, _expireAfterIdle);
        Notes =
        [
            "Prints 'declared queue <topic>'; the number of partitions it has now is told on standard error. "
            + "Bounds and --expire-after-idle need the admin API; everything else the broker's own protocol.",
        ];
        Examples =
        [
            new("fibrilctl queue declare jobs", "With the defaults of the broker."),
            new("fibrilctl queue declare jobs --partitions 8 --max-retries 5 --default-ttl 1h", "Eight partitions, five retries, messages expire after an hour."),
            new("fibrilctl queue declare jobs --max-retries 3 --dlq custom --dlq-topic jobs.failed", "Messages that failed go to jobs.failed."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool isCustom = parse.GetValue(_dlq) == Custom;
        if (isCustom && parse.GetResult(_dlqTopic) is null) faults.Add("--dlq custom needs --dlq-topic <topic>.");
        if (!isCustom && parse.GetResult(_dlqTopic) is not null) faults.Add("--dlq-topic is for --dlq custom only.");
        if (!isCustom && parse.GetResult(_dlqGroup) is not null) faults.Add("--dlq-group is for --dlq custom only.");
    }

    internal QueueDeclaration Read(ParseResult parse) => new()
    {
        Group = parse.GetValue(_group),
        PartitionCount = (int?)parse.GetValue(_partitions),
        MaxRetries = (int?)parse.GetValue(_maxRetries),
        DefaultTimeToLive = parse.GetValue(_defaultTtl),
        DeadLetterPolicy = parse.GetValue(_dlq) switch
        {
            Discard => DeadLetterPolicy.Discard,
            GlobalQueue => DeadLetterPolicy.Global,
            Custom => DeadLetterPolicy.Custom(parse.GetValue(_dlqTopic)!, parse.GetValue(_dlqGroup)),
            _ => null,
        },
    };

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic);
        long partitions = NeedsAdmin(parse) ? await DeclareByAdminAsync(parse, cancellationToken) : await DeclareByBrokerAsync(parse, cancellationToken);
        Write($"declared queue {topic}\n");
        talk.Say($"{topic} has {Amounts.Count(partitions, "partition", "partitions")}");
        return ExitCode.Success;
    }

    private bool NeedsAdmin(ParseResult parse) => ((Option[])[_maxMessages, _maxBytes, _overflow, _expireAfterIdle]).Any(option => parse.GetResult(option) is not null);

    private async Task<long> DeclareByBrokerAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        return await client.DeclareQueueAsync(parse.GetRequiredValue(_topic), Read(parse), cancellationToken);
    }

    private async Task<long> DeclareByAdminAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var request = new DeclareQueueRequest(parse.GetRequiredValue(_topic), parse.GetValue(_group))
        {
            PartitionCount = parse.GetValue(_partitions),
            Policy = parse.GetValue(_dlq),
            Target = parse.GetValue(_dlqTopic) is { } target ? new QueueTarget(target, parse.GetValue(_dlqGroup)) : null,
            MaxRetries = parse.GetValue(_maxRetries),
            DefaultMessageTtlMs = (long?)parse.GetValue(_defaultTtl)?.TotalMilliseconds,
            MaxMessages = parse.GetValue(_maxMessages),
            MaxBytes = parse.GetValue(_maxBytes),
            Overflow = parse.GetValue(_overflow),
            ExpireAfterIdleMs = (long?)parse.GetValue(_expireAfterIdle)?.TotalMilliseconds,
        };
        using var admin = new AdminClient(Global.FindAdmin(parse, Context));
        JsonElement answer = await admin.PostAsync(new Route("/admin/api/queues"), request, AdminJson.Default.DeclareQueueRequest, cancellationToken);
        return answer.At("partition_count").Number() ?? 0;
    }
}
