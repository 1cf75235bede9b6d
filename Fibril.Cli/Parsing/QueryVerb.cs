using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Parsing;

/// <summary>A command that only looks, once or again and again.</summary>
internal abstract class QueryVerb : AdminVerb
{
    private const string ClearScreen = "\e[H\e[2J\e[3J";

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);

    private readonly Option<TimeSpan?> _watch = Inputs.OptionalDuration(
        "--watch", "Shows it again and again, every 2s or as often as said, until interrupted.", DefaultInterval, TimeSpan.FromMilliseconds(100), GlobalOptions.LongestWait);

    protected QueryVerb(string name, string description, GlobalOptions global, CliContext context, OutputFormat? usual = null)
        : base(name, description, global, context, usual) => Add(_watch);

    /// <summary>What people see of the answer.</summary>
    protected abstract View View(ParseResult parse);

    protected abstract Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken);

    /// <summary>The exit code that goes with an answer; success unless the command judges.</summary>
    protected virtual int Judge(ParseResult parse, JsonElement answer) => ExitCode.Success;

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        using Stream output = Context.OpenOutput();
        OutputFormat format = FormatOf(parse);
        var printer = new Printer(output, format, Context.Time);
        while (true)
        {
            JsonElement answer = await AskAsync(parse, admin, cancellationToken);
            if (parse.GetValue(_watch) is not { } interval)
            {
                printer.Print(answer, View(parse));
                return Judge(parse, answer);
            }

            if (Context.OutputIsTerminal && format is OutputFormat.Table or OutputFormat.Wide) printer.Write(ClearScreen);
            printer.Print(answer, View(parse));
            await Task.Delay(interval, Context.Time, cancellationToken);
        }
    }
}
