using System.CommandLine;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Consuming;

/// <summary>How messages are written, as options say.</summary>
internal sealed class MessageFormatOptions
{
    private const string Lines = "lines";
    private const string Json = "json";
    private const string Ndjson = "ndjson";

    private readonly Option<bool> _showHeaders = Inputs.Flag("--show-headers", "Writes a line with the properties of each message in front of it.");

    private readonly Option<string?> _output = Inputs.Choice(
        "--output", "lines (default) writes each payload and a line end; json and ndjson one object per line, with all properties.", Lines, Json, Ndjson);

    public MessageFormatOptions() => _output.Aliases.Add("-o");

    public void AddTo(Command command)
    {
        command.Add(_showHeaders);
        command.Add(_output);
    }

    public void Check(ParseResult parse, ICollection<string> faults)
    {
        if (IsJson(parse) && ShowsHeaders(parse)) faults.Add("--show-headers is for --output lines; JSON has the headers anyway.");
    }

    public bool IsJson(ParseResult parse) => parse.GetValue(_output) is Json or Ndjson;

    public bool ShowsHeaders(ParseResult parse) => parse.GetValue(_showHeaders);

    public MessageFormat Create(ParseResult parse) => MessageFormat.Create(IsJson(parse), ShowsHeaders(parse));
}
