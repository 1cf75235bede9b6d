using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Admin;

/// <summary>Changes the number of partitions of a queue in a cluster.</summary>
internal sealed class RepartitionVerb : AdminVerb
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Argument<uint> _count = new("partition_count") { Description = "A multiple of the present number, or a divisor of it." };
    private readonly Option<string?> _group = Inputs.Group();

    public RepartitionVerb(GlobalOptions global, CliContext context)
        : base("repartition", "Changes the number of partitions of a queue in a cluster, while it is used.", global, context, OutputFormat.Json)
    {
        Add(_topic);
        Add(_count);
        Add(_group);
        Notes = ["A broker that stands alone grows a queue when it is declared with more partitions: fibrilctl queue declare <topic> --partitions <n>."];
        Examples = [new("fibrilctl admin repartition jobs 8", "From 4 to 8, for instance.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/repartition"), new RepartitionRequest(parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_count)),
            AdminJson.Default.RepartitionRequest, cancellationToken);
        Print(parse, answer, AdminViews.Partitioning);
        return ExitCode.Success;
    }
}
