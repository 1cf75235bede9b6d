using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Waits until a broker is ready.</summary>
internal sealed class ReadyVerb : AdminVerb
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(1);

    private readonly Option<TimeSpan?> _wait = Inputs.OptionalDuration(
        "--wait", "Waits until it is ready: a minute, or as long as said.", DefaultWait, TimeSpan.FromMilliseconds(1), GlobalOptions.LongestWait);

    public ReadyVerb(GlobalOptions global, CliContext context) : base("ready", "Says whether a broker is ready, or waits until it is.", global, context)
    {
        Add(_wait);
        Notes = ["Exit code 0 when it is ready, 1 when it is not, 6 when nothing answers; with --wait 7 when it did not become ready in time."];
        Examples = [new("fibrilctl ready --wait 30s && start-my-service", "In a start script."), new("fibrilctl ready", "Once.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        TimeSpan? patience = parse.GetValue(_wait);
        long started = Context.Time.GetTimestamp();
        while (true)
        {
            (JsonElement? answer, CliException? failure) = await TryAskAsync(admin, cancellationToken);
            bool isReady = answer is { } document && Readiness.IsReady(document);
            if (isReady || patience is null)
            {
                if (failure is not null) throw failure;
                Print(parse, answer!.Value, Readiness.View);
                return isReady ? ExitCode.Success : ExitCode.Failure;
            }

            if (Context.Time.GetElapsedTime(started) >= patience)
                throw new CliException(ExitCode.TimedOut, $"the broker did not become ready within {Amounts.Duration(patience.Value)}", "See fibrilctl health, and the broker's log.", failure);
            await Task.Delay(Interval, Context.Time, cancellationToken);
        }
    }

    private static async Task<(JsonElement? Answer, CliException? Failure)> TryAskAsync(AdminClient admin, CancellationToken cancellationToken)
    {
        try
        {
            return (await Readiness.AskAsync(admin, cancellationToken), null);
        }
        catch (CliException failure) when (failure.ExitCode is ExitCode.NotReachable or ExitCode.TimedOut)
        {
            return (null, failure);
        }
    }
}
