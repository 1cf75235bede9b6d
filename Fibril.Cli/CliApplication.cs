using System.CommandLine;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli;

/// <summary>One run of the tool: parses, checks, runs, and explains what failed.</summary>
internal static class CliApplication
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken cancellationToken)
    {
        var command = new FibrilctlCommand(context);
        ParseResult parse = command.Parse(arguments);
        IReadOnlyList<string> faults = UsageErrors.Find(parse, command.Global);
        if (faults.Count > 0) return Refuse(parse, faults, context);
        Talk talk = command.Global.CreateTalk(parse, context);
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parse.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (BrokenPipeException)
        {
            return ExitCode.Success;
        }
        catch (Exception failure) when (FailureReport.Of(failure) is { } report)
        {
            talk.Report(report);
            return report.ExitCode;
        }
    }

    private static int Refuse(ParseResult parse, IReadOnlyList<string> faults, CliContext context)
    {
        if (UsageErrors.LacksCommandOnly(parse)) new HelpText(context.Error).Invoke(parse);
        var talk = new Talk(context, isQuiet: false, allowColor: true);
        talk.Report(new FailureReport(ExitCode.Usage, string.Join(' ', faults), [], $"See {UsageErrors.PathOf(parse)} --help."));
        return ExitCode.Usage;
    }
}
