using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Messages;

/// <summary>The partition that messages are in, as arguments and options name it.</summary>
internal sealed class MessagePlace
{
    private readonly Argument<string> _topic = Inputs.Topic();
    private readonly Option<string?> _group = Inputs.Group();
    private readonly Option<long?> _partition = Inputs.Number("--partition", "Partition of the messages; default 0.", 0, int.MaxValue);

    public void AddTo(Command command)
    {
        command.Add(_topic);
        command.Add(_group);
        command.Add(_partition);
    }

    public string Topic(ParseResult parse) => parse.GetRequiredValue(_topic);

    public string? Group(ParseResult parse) => parse.GetValue(_group);

    public long Partition(ParseResult parse) => parse.GetValue(_partition) ?? 0;

    public Route Apply(ParseResult parse, Route route) => route.With("topic", Topic(parse)).With("group", Group(parse)).With("partition", Partition(parse));
}
