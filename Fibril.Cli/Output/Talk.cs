using Spectre.Console;

namespace Fibril.Cli.Output;

/// <summary>What the tool says to people, on standard error, so that standard output holds data only. Thread-safe.</summary>
internal sealed class Talk
{
    private readonly TextWriter _error;
    private readonly bool _isQuiet;
    private readonly bool _hasColor;

    public Talk(CliContext context, bool isQuiet, bool allowColor)
    {
        _error = context.Error;
        _isQuiet = isQuiet;
        IsTerminal = context.ErrorIsTerminal;
        _hasColor = IsTerminal && allowColor && context.Variable("NO_COLOR") is null && context.Variable("TERM") != "dumb";
    }

    /// <summary>True when a display that overwrites itself can be shown.</summary>
    public bool IsTerminal { get; }

    public bool IsQuiet => _isQuiet;

    /// <summary>One line that can be left out.</summary>
    public void Say(string line)
    {
        if (!_isQuiet) WriteLine(line);
    }

    /// <summary>A failure, which is shown also to those who want quiet.</summary>
    public void Report(FailureReport report)
    {
        WriteLine($"{Mark("Error:", "31")} {OneLine(report.What)}");
        foreach (string cause in report.Causes) WriteLine($"  {Mark("because:", "2")} {OneLine(cause)}");
        if (report.Remedy is not null) WriteLine($"  {Mark("try:", "2")} {report.Remedy}");
    }

    /// <summary>One line that is shown also to those who want quiet.</summary>
    public void Insist(string line) => WriteLine(line);

    /// <summary>A console for displays that overwrite themselves.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = _hasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        Out = new AnsiConsoleOutput(_error),
    });

    private string Mark(string word, string style) => _hasColor ? $"\e[{style}m{word}\e[0m" : word;

    private void WriteLine(string line)
    {
        lock (_error) _error.WriteLine(line);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
