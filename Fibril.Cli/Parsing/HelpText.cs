using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Fibril.Cli.Parsing;

/// <summary>The library's help, followed by notes, examples and exit codes.</summary>
internal sealed class HelpText(TextWriter output) : SynchronousCommandLineAction
{
    private const int Width = 118;

    private readonly HelpAction _usage = new() { MaxWidth = Width };

    /// <summary>Help is given also for command lines that would not run.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output = output;
        _usage.Invoke(parseResult);
        if (parseResult.CommandResult.Command is TeachingCommand command) WriteLessons(command);
        WriteExitCodes();
        return ExitCode.Success;
    }

    private void WriteLessons(TeachingCommand command)
    {
        foreach (string note in command.Notes)
        {
            WriteWrapped(note, "");
            output.WriteLine();
        }

        if (command.Examples.Count == 0) return;
        output.WriteLine("Examples:");
        foreach (Example example in command.Examples)
        {
            output.WriteLine($"  {example.CommandLine}");
            WriteWrapped(example.Does, "      ");
        }

        output.WriteLine();
    }

    private void WriteExitCodes()
    {
        output.WriteLine("Exit codes:");
        foreach ((int code, string meaning) in ExitCode.All) output.WriteLine($"  {code,3}  {meaning}");
    }

    private void WriteWrapped(string text, string indent)
    {
        string line = indent;
        foreach (string word in text.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                output.WriteLine(line.TrimEnd());
                line = indent;
            }

            line += word + " ";
        }

        output.WriteLine(line.TrimEnd());
    }
}
