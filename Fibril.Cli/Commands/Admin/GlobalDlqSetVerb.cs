using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Admin;

/// <summary>Sets or clears where dead letters of queues with the policy global go.</summary>
internal abstract class GlobalDlqChangeVerb : AdminVerb
{
    private readonly Option<long?> _expectedVersion = Inputs.Number("--expected-version", "Version that the change is meant for; default the one read just before.", 0, long.MaxValue);

    protected GlobalDlqChangeVerb(string name, string description, GlobalOptions global, CliContext context) : base(name, description, global, context, OutputFormat.Json)
    {
        Add(_expectedVersion);
        Notes = ["Prints the new document. When somebody has changed it since that version nothing is changed, and the exit code is 4."];
    }

    protected abstract QueueTarget? TargetOf(ParseResult parse);

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        var route = new Route("/admin/api/global-dlq");
        using AdminClient admin = Connect(parse);
        long version = parse.GetValue(_expectedVersion) ?? (await admin.GetAsync(route, cancellationToken)).At("version").Number() ?? 0;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new GlobalDlqRequest(version, TargetOf(parse)), AdminJson.Default.GlobalDlqRequest);
        AdminAnswer answer = await admin.SendAsync(HttpMethod.Put, route, body, cancellationToken);
        if (answer.Status == System.Net.HttpStatusCode.Conflict)
        {
            throw new CliException(
                ExitCode.Conflict, $"admin API returned HTTP 409: the target has changed; it has version {answer.Read().At("version").Number()}, not {version}: {answer.Text}",
                "Look at it with fibrilctl admin global-dlq get, and try again.");
        }

        Print(parse, answer.IsSuccess ? answer.Read() : throw AdminFailure.Of(answer, admin.Address), AdminViews.GlobalTarget);
        return ExitCode.Success;
    }
}

/// <summary><c>admin global-dlq set</c>.</summary>
internal sealed class GlobalDlqSetVerb : GlobalDlqChangeVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public GlobalDlqSetVerb(GlobalOptions global, CliContext context) : base("set", "Sets the queue that dead letters of queues with the policy global go to.", global, context)
    {
        Add(_topic);
        Add(_group);
        Examples = [new("fibrilctl admin global-dlq set dead.letters", "Queues declared with --dlq global use it from now on.")];
    }

    protected override QueueTarget? TargetOf(ParseResult parse) => new(parse.GetRequiredValue(_topic), parse.GetValue(_group));
}

/// <summary><c>admin global-dlq clear</c>.</summary>
internal sealed class GlobalDlqClearVerb : GlobalDlqChangeVerb
{
    public GlobalDlqClearVerb(GlobalOptions global, CliContext context) : base("clear", "Clears it: such dead letters have nowhere to go.", global, context) =>
        Examples = [new("fibrilctl admin global-dlq clear", "Back to none.")];

    protected override QueueTarget? TargetOf(ParseResult parse) => null;
}
