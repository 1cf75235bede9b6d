using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Cli;

/// <summary>A failure as the user sees it: one line with what, one for each cause, one with what to do; and the exit code.</summary>
internal sealed record FailureReport(int ExitCode, string What, IReadOnlyList<string> Causes, string? Remedy)
{
    /// <summary>Explains a failure; null for a bug, which is better shown with its stack.</summary>
    public static FailureReport? Of(Exception failure)
    {
        if (failure is CliException known) return new FailureReport(known.ExitCode, known.Message, CausesOf(known), known.Remedy);
        if (!IsExpected(failure)) return null;
        (int code, string? remedy) = Judge(failure);
        return new FailureReport(code, failure.Message, CausesOf(failure), remedy);
    }

    /// <summary>The exit code for a failure of the client library, and what to do about it.</summary>
    public static (int ExitCode, string? Remedy) Judge(Exception failure) => failure switch
    {
        FibrilServerException refusal => Judge(refusal.Code),
        FibrilTlsException tls => (Cli.ExitCode.NotReachable, RemedyOf(tls.Failure)),
        FibrilConnectionException => (Cli.ExitCode.NotReachable, "See whether the broker still runs, and try again."),
        FibrilTimeoutException => (Cli.ExitCode.TimedOut, "Allow more time with --timeout, or look into the broker's log."),
        FibrilRedirectException redirect => (Cli.ExitCode.Failure, $"Repeat it with --broker {redirect.Owner.Host}:{redirect.Owner.Port}."),
        FibrilSubscriptionClosedException { Reason: CloseReason.BrokerShutdown } => (Cli.ExitCode.NotReachable, "Try again when the broker is back."),
        FibrilSubscriptionClosedException { Reason: CloseReason.TopicDeleted } => (Cli.ExitCode.NotFound, null),
        ArgumentException => (Cli.ExitCode.Usage, null),
        _ => (Cli.ExitCode.Failure, null),
    };

    private static (int ExitCode, string? Remedy) Judge(ErrorCode code) => code switch
    {
        ErrorCode.Unauthenticated => (
            Cli.ExitCode.Authentication,
            "Give --username and --password (or --password-stdin, FIBRIL_USERNAME, FIBRIL_PASSWORD) of a user that the broker knows."),
        ErrorCode.NotFound => (Cli.ExitCode.NotFound, null),
        ErrorCode.Conflict => (Cli.ExitCode.Conflict, null),
        _ => (Cli.ExitCode.Failure, null),
    };

    private static string RemedyOf(FibrilTlsFailure failure) => failure switch
    {
        FibrilTlsFailure.RequiredByBroker => "Add --tls, and --ca-file or --fingerprint unless this machine trusts the broker's certificate.",
        FibrilTlsFailure.NotSupportedByBroker => "Leave the TLS options out for this broker.",
        FibrilTlsFailure.NotTrusted => "If it is the right broker, give --ca-file with its CA, or --fingerprint, which it logs when it starts.",
        FibrilTlsFailure.ClientCertificateRequired => "Show one with --client-cert and --client-key; fibrilctl cert issue makes it.",
        _ => "Correct the file that the message names.",
    };

    private static bool IsExpected(Exception failure) =>
        failure is FibrilException or ArgumentException or IOException or UnauthorizedAccessException;

    /// <summary>The causes from the outside in, without those that only repeat what was said.</summary>
    private static List<string> CausesOf(Exception failure)
    {
        var causes = new List<string>();
        string said = failure.Message;
        for (Exception? cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is OperationCanceledException || said.Contains(cause.Message, StringComparison.Ordinal)) continue;
            causes.Add(cause.Message);
            said += cause.Message;
        }

        return causes;
    }
}
