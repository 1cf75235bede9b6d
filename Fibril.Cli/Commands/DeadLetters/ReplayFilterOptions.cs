using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Which dead letters a replay is about.</summary>
internal sealed class ReplayFilterOptions
{
    private readonly Option<string[]?> _reason = new("--reason") { HelpName = "reason", Description = "Only those that failed so: retries_exhausted, terminal_nack, pending_recovery, expired; may be repeated." };
    private readonly Option<string?> _sourceTopic = Inputs.Topic("--source-topic", "Only those from this topic.");
    private readonly Option<string?> _sourceGroup = Inputs.Group("--source-group", "Only those from this group of it.");
    private readonly Option<Moment?> _from = Inputs.Time("--from-time", $"Only those dead since then: {Moment.Forms}.");
    private readonly Option<Moment?> _to = Inputs.Time("--to-time", "Only those dead before then.");
    private readonly Option<KeyValuePair<string, string>[]?> _header = Inputs.Headers("--header", "Only those with this header; may be repeated.");
    private readonly Option<string[]?> _fingerprint = new("--fingerprint") { HelpName = "fingerprint", Description = "Only those of this cause, as fibrilctl dlq groups shows it; may be repeated." };
    private readonly Option<long?> _max = Inputs.Number("--max", "Stops after so many.", 1, long.MaxValue);

    public void AddTo(Command command)
    {
        foreach (Option option in Options) command.Add(option);
    }

    public bool IsAnyGiven(ParseResult parse) => Options.Any(option => parse.GetResult(option) is not null);

    public void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetResult(_sourceGroup) is not null && parse.GetResult(_sourceTopic) is null) faults.Add("--source-group needs --source-topic.");
    }

    public ReplayFilter Read(ParseResult parse, TimeProvider time) => new(
        parse.Given(_reason), parse.GetValue(_sourceTopic), parse.GetValue(_sourceGroup),
        parse.GetValue(_from)?.ToUnixMilliseconds(time), parse.GetValue(_to)?.ToUnixMilliseconds(time),
        parse.Given(_header)?.DistinctBy(static header => header.Key).ToDictionary(), parse.GetValue(_max), parse.Given(_fingerprint));

    private IReadOnlyList<Option> Options => [_reason, _sourceTopic, _sourceGroup, _from, _to, _header, _fingerprint, _max];
}
