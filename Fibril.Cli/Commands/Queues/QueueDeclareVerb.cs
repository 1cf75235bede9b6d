using System.CommandLine;
using System.Text;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
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

    public QueueDeclareVerb(GlobalOptions global, CliContext context)
        : base("declare", "Creates a queue, or changes what is given of an existing one.", global, context)
    {
        Add(_topic);
        AddOptions(_group, _partitions, _maxRetries, _dlq, _dlqTopic, _dlqGroup, _defaultTtl);
        Notes = ["Prints 'declared queue <topic>'; the number of partitions it has now is told on standard error."];
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
        await using FibrilClient client = await Connector.ConnectAsync(Global.FindBroker(parse, Context), cancellationToken);
        int partitions = await client.DeclareQueueAsync(topic, Read(parse), cancellationToken);
        using Stream output = Context.OpenOutput();
        output.Write(Encoding.UTF8.GetBytes($"declared queue {topic}\n"));
        talk.Say($"{topic} has {Amounts.Count(partitions, "partition", "partitions")}");
        return ExitCode.Success;
    }
}
