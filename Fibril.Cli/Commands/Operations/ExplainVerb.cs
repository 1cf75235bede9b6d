using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Says why messages flow or do not.</summary>
internal abstract class ExplainVerb : QueryVerb
{
    private static readonly View Explanation = new(new Sentence(static document => $"{document.At("subject").Text()}: {document.At("summary").Text()}"), new FindingList());

    protected ExplainVerb(string name, string description, GlobalOptions global, CliContext context) : base(name, description, global, context) =>
        Notes = ["Exit code 0 when messages flow, 1 when something stands in the way."];

    protected abstract Route RouteOf(ParseResult parse);

    protected sealed override View View(ParseResult parse) => Explanation;

    protected sealed override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) => admin.GetAsync(RouteOf(parse), cancellationToken);

    protected sealed override int Judge(ParseResult parse, JsonElement answer) => answer.At("flowing").IsTrue() ? ExitCode.Success : ExitCode.Failure;

    /// <summary>Each finding with its evidence and remedy.</summary>
    private sealed class FindingList : Section
    {
        public override void Write(JsonElement document, Rendering rendering)
        {
            foreach (JsonElement finding in document.At("findings").Items())
            {
                string partitions = finding.At("partitions").Items().Any() ? $" (partition {Column.Text("", "partitions").CellOf(finding, default)})" : "";
                rendering.Output.WriteLine(Column.Printable($"{finding.At("severity").Text(),-8}  {finding.At("text").Text()}{partitions}"));
                if (finding.At("evidence") is { ValueKind: JsonValueKind.Object } evidence && evidence.EnumerateObject().Any())
                    rendering.Output.WriteLine(Column.Printable($"          seen: {string.Join(", ", evidence.EnumerateObject().Select(static fact => $"{fact.Name} {fact.Value}"))}"));
                if (finding.At("remedy").Text() is { } remedy) rendering.Output.WriteLine(Column.Printable($"          try:  {remedy}"));
            }
        }
    }
}

/// <summary><c>explain queue</c>.</summary>
internal sealed class ExplainQueueVerb : ExplainVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();

    public ExplainQueueVerb(GlobalOptions global, CliContext context) : base("queue", "Says why the messages of a queue flow or do not, and what to do.", global, context)
    {
        Add(_topic);
        Add(_group);
        Examples = [new("fibrilctl explain queue jobs", "Why does nothing come?")];
    }

    protected override Route RouteOf(ParseResult parse) => Route.To("/admin/api/explain/queue", parse.GetRequiredValue(_topic)).With("group", parse.GetValue(_group));
}

/// <summary><c>explain consumer</c>.</summary>
internal sealed class ExplainConsumerVerb : ExplainVerb
{
    private readonly Argument<string> _id = Inputs.Name("connection", "Id of the connection, as fibrilctl connections list shows it.");

    public ExplainConsumerVerb(GlobalOptions global, CliContext context) : base("consumer", "Says why a consumer gets messages or does not, and what to do.", global, context)
    {
        Add(_id);
        Examples = [new("fibrilctl explain consumer 5f0c2f1e-7d0a-4a55-9d2b-0d8b6c1c2a11", "Why does this one get nothing?")];
    }

    protected override Route RouteOf(ParseResult parse) => Route.To("/admin/api/explain/consumer", parse.GetRequiredValue(_id));
}
