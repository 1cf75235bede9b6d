using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Queues;

/// <summary>Sets what becomes of messages that fail for good.</summary>
internal sealed class DlqPolicySetVerb : AdminVerb
{
    private const string Custom = "custom";

    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Argument<string> _policy = new("policy") { Description = "discard, global, or custom with --dlq-topic." };
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<string?> _dlqTopic = Inputs.Topic("--dlq-topic", "Topic for dead letters; with custom only, and needed there.");
    private readonly Option<string?> _dlqGroup = Inputs.Group("--dlq-group", "Group of that topic; with custom only.");
    private readonly Option<long?> _maxRetries = Inputs.Number("--max-retries", "Retries of a message before it is dead-lettered; left as it is when not given.", 0, int.MaxValue);

    public DlqPolicySetVerb(GlobalOptions global, CliContext context) : base("set", "Sets where dead letters of a queue go.", global, context)
    {
        _policy.AcceptOnlyFromAmong("discard", "global", Custom);
        Add(_topic);
        Add(_policy);
        AddOptions(_group, _dlqTopic, _dlqGroup, _maxRetries);
        Examples =
        [
            new("fibrilctl queue dlq-policy set jobs custom --dlq-topic jobs.failed --max-retries 3", "To a queue of its own."),
            new("fibrilctl queue dlq-policy set jobs global", "To the queue of fibrilctl admin global-dlq."),
            new("fibrilctl queue dlq-policy set jobs discard", "Nowhere: they are lost."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        bool isCustom = parse.GetValue(_policy) == Custom;
        if (isCustom && parse.GetResult(_dlqTopic) is null) faults.Add("custom needs --dlq-topic <topic>.");
        if (!isCustom && (parse.GetResult(_dlqTopic) ?? parse.GetResult(_dlqGroup)) is not null) faults.Add("--dlq-topic and --dlq-group are for custom only.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string topic = parse.GetRequiredValue(_topic), policy = parse.GetRequiredValue(_policy);
        QueueTarget? target = parse.GetValue(_dlqTopic) is { } dlq ? new QueueTarget(dlq, parse.GetValue(_dlqGroup)) : null;
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PutAsync(
            new Route("/admin/api/queue-dlq"), new QueueDlqRequest(topic, parse.GetValue(_group), policy, target, parse.GetValue(_maxRetries)),
            AdminJson.Default.QueueDlqRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(_ => $"dead letters of {topic} are handled as {policy} now{(target is null ? "" : $": they go to {target.Topic}")}")));
        return ExitCode.Success;
    }
}
