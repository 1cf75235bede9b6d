using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Publishing;

/// <summary>Tells what came of publishing lines, and how to go on when it ended early.</summary>
internal sealed class PublishSummary(PublishRequest request, PublishTally tally, long resumeLine, TimeSpan elapsed)
{
    /// <returns>The exit code.</returns>
    public int Tell(BrokerAddress broker, Exception? disconnectReason, Talk talk)
    {
        if (tally.Failure is null && !tally.IsInterrupted)
        {
            talk.Say(Describe());
            return ExitCode.Success;
        }

        FailureReport? report = tally.Failure is { } failure ? Explain(failure, broker, disconnectReason) : null;
        if (report is not null) talk.Report(report);
        talk.Insist(DescribeEnd());
        return report?.ExitCode ?? ExitCode.Interrupted;
    }

    internal string Describe()
    {
        string lines = $"{Amounts.Count(tally.Sent, "line", "lines")} ({Amounts.Bytes(tally.BytesRead)} read)";
        string how = request.IsConfirmed ? "published and confirmed" : "sent, unconfirmed,";
        return $"{lines} {how} to {request.Topic} in {Amounts.Duration(elapsed)}, {Amounts.Rate(tally.Sent, elapsed)}";
    }

    internal string DescribeEnd()
    {
        string end = tally.Failure is null ? "Interrupted" : "Stopped";
        if (!request.IsConfirmed) return $"{end} after {Amounts.Count(tally.Sent, "line", "lines")}; how many of them are stored is unknown.";
        string text = $"{end}: {Amounts.Count(tally.Confirmed, "message is", "messages are")} confirmed";
        if (tally.Refused > 0) text += $", {Amounts.Count(tally.Refused)} refused";
        if (tally.Unknown > 0) text += $", {Amounts.Count(tally.Unknown, "message has", "messages have")} an unknown outcome and may have been stored";
        return $"{text}.{Environment.NewLine}Line {resumeLine} is the first that is not confirmed: resume with --skip {resumeLine - 1}.";
    }

    private static FailureReport Explain(Exception failure, BrokerAddress broker, Exception? disconnectReason)
    {
        if (disconnectReason is null || failure is not FibrilException) return FailureReport.Of(failure)!;
        string what = $"the connection to broker {broker} broke while publishing";
        (int code, string? remedy) = disconnectReason is FibrilServerException ? FailureReport.Judge(disconnectReason) : (ExitCode.NotReachable, null);
        return new FailureReport(code, what, [disconnectReason.Message], remedy);
    }
}
