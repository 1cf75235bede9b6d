using System.CommandLine;
using Fibril.Cli.Output;

namespace Fibril.Cli.Parsing;

/// <summary><c>--output</c> of the commands that print an answer of the broker.</summary>
internal sealed class OutputOption
{
    private static readonly (string Name, OutputFormat Format)[] Formats =
    [
        ("table", OutputFormat.Table), ("wide", OutputFormat.Wide), ("json", OutputFormat.Json), ("ndjson", OutputFormat.Ndjson), ("csv", OutputFormat.Csv),
    ];

    private readonly Option<OutputFormat?> _option;
    private readonly OutputFormat? _usual;

    /// <param name="usual">The format when none is asked for; null for a table on a terminal and JSON otherwise.</param>
    public OutputOption(OutputFormat? usual)
    {
        _usual = usual;
        string @default = usual switch
        {
            OutputFormat.Json => "json",
            OutputFormat.Table => "table",
            _ => "table on a terminal, else json",
        };
        _option = Inputs.Checked<OutputFormat?>(
            "--output", string.Join('|', Formats.Select(static known => known.Name)),
            $"How to write the answer; default {@default}.",
            static text => Formats.FirstOrDefault(known => known.Name == text) is { Name: not null } found
                ? (found.Format, null)
                : Inputs.Bad<OutputFormat?>($"'{text}' is not allowed; write {string.Join(", ", Formats.Select(static known => known.Name))}"));
        _option.Aliases.Add("-o");
        _option.CompletionSources.Clear(); // the names of the enumeration are not what is written
        _option.CompletionSources.Add([.. Formats.Select(static known => known.Name)]);
    }

    public void AddTo(Command command) => command.Add(_option);

    public OutputFormat Read(ParseResult parse, CliContext context) =>
        parse.GetValue(_option) ?? _usual ?? (context.OutputIsTerminal ? OutputFormat.Table : OutputFormat.Json);
}
