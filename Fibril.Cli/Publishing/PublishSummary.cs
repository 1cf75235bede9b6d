using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Publishing;

/// <summary>What came of publishing lines.</summary>
internal sealed record PublishOutcome(
    PublishTally Tally, long ResumeLine, LineOptions Options, string Topic, BrokerAddress Broker, TimeSpan Elapsed);

/// <summary>Tells what came of publishing lines, and how to go on when it ended early.</summary>
internal static class PublishSummary
{
    /// <returns>The exit code.</returns>
    public static int Tell(PublishOutcome outcome, Exception? disconnectReason, Talk talk)
    {
        PublishTally tally = outcome.Tally;
        if (tally.Failure is null && !tally.IsInterrupted)
        {
            talk.Say(Describe(outcome));
            return ExitCode.Success;
        }

        FailureReport? report = tally.Failure is null ? null : Explain(outcome, disconnectReason);
        if (report is not null) talk.Report(report);
        talk.Insist(DescribeEnd(outcome));
        if (outcome.Options.InFlight is not null) talk.Insist(DescribeResumption(outcome));
        return report?.ExitCode ?? ExitCode.Interrupted;
    }

    private static string Describe(PublishOutcome outcome)
    {
        PublishTally tally = outcome.Tally;
        string lines = $"{Amounts.Count(tally.Sent, "line", "lines")} ({Amounts.Bytes(tally.BytesRead)} read)";
        string how = outcome.Options.InFlight is null ? "sent, unconfirmed," : "published and confirmed";
        return $"{lines} {how} to {outcome.Topic} in {Amounts.Duration(outcome.Elapsed)}, {Amounts.Rate(tally.Sent, outcome.Elapsed)}";
    }

    private static FailureReport Explain(PublishOutcome outcome, Exception? disconnectReason)
    {
        Exception failure = outcome.Tally.Failure!;
        if (disconnectReason is null) return FailureReport.Of(failure)!;
        string what = $"the connection to broker {outcome.Broker} broke while publishing";
        (int code, string? remedy) = disconnectReason is FibrilServerException ? FailureReport.Judge(disconnectReason) : (ExitCode.NotReachable, null);
        return new FailureReport(code, what, [disconnectReason.Message], remedy);
    }

    private static string DescribeEnd(PublishOutcome outcome)
    {
        PublishTally tally = outcome.Tally;
        string end = tally.Failure is null ? "Interrupted" : "Stopped";
        if (outcome.Options.InFlight is null) return $"{end} after {Amounts.Count(tally.Sent, "line", "lines")}; how many of them are stored is unknown.";
        string text = $"{end}: {Amounts.Count(tally.Confirmed, "message is", "messages are")} confirmed";
        if (tally.Refused > 0) text += $", {Amounts.Count(tally.Refused)} refused";
        return text + $", {Amounts.Count(tally.Unknown, "message has", "messages have")} an unknown outcome and may have been stored.";
    }

    private static string DescribeResumption(PublishOutcome outcome) =>
        $"Line {outcome.ResumeLine} is the first that is not confirmed: resume with --skip {outcome.ResumeLine - 1}.";
}
