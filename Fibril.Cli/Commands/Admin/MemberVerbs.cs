using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Admin;

/// <summary><c>admin coordination add-voting-member</c>.</summary>
internal sealed class AddMemberVerb : AdminVerb
{
    private readonly Argument<ulong> _id = new("id") { Description = "Number of the member." };
    private readonly Argument<string> _address = new("address") { Description = "Where its coordinator listens, as host:port." };

    public AddMemberVerb(GlobalOptions global, CliContext context) : base("add-voting-member", "Adds a voter to the cluster, first as a learner.", global, context, OutputFormat.Json)
    {
        Add(_id);
        Add(_address);
        Examples = [new("fibrilctl admin coordination add-voting-member 4 10.0.0.4:9877", "Comes back when it votes.")];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_address) is { } address && (!address.Contains(':', StringComparison.Ordinal) || !BrokerAddress.TryParse(address, out _))) faults.Add($"'{address}' is no host:port.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/coordination/membership/add-voting-member"), new AddMemberRequest(parse.GetValue(_id), parse.GetRequiredValue(_address)),
            AdminJson.Default.AddMemberRequest, cancellationToken);
        Print(parse, answer, AdminViews.Membership);
        return ExitCode.Success;
    }
}

/// <summary><c>admin coordination remove-voting-member</c>.</summary>
internal sealed class RemoveMemberVerb : AdminVerb
{
    private readonly Argument<ulong> _id = new("id") { Description = "Number of the member." };

    public RemoveMemberVerb(GlobalOptions global, CliContext context) : base("remove-voting-member", "Removes a voter from the cluster.", global, context, OutputFormat.Json)
    {
        Add(_id);
        Examples = [new("fibrilctl admin coordination remove-voting-member 4", "The last voter cannot be removed.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/coordination/membership/remove-voting-member"), new RemoveMemberRequest(parse.GetValue(_id)), AdminJson.Default.RemoveMemberRequest, cancellationToken);
        Print(parse, answer, AdminViews.Membership);
        return ExitCode.Success;
    }
}
