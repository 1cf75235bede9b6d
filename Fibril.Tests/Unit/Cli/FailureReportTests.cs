using Fibril.Cli;
using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Tests.Unit.Cli;

public sealed class FailureReportTests
{
    [Fact]
    public void Exit_codes_are_frozen() => Assert.Equal(
        [0, 1, 2, 3, 4, 5, 6, 7, 9, 130],
        [
            ExitCode.Success, ExitCode.Failure, ExitCode.Usage, ExitCode.NotFound, ExitCode.Conflict, ExitCode.Authentication,
            ExitCode.NotReachable, ExitCode.TimedOut, ExitCode.NotAsExpected, ExitCode.Interrupted,
        ]);

    [Theory]
    [InlineData(ErrorCode.Invalid, 1)]
    [InlineData(ErrorCode.Unauthenticated, 5)]
    [InlineData(ErrorCode.NotFound, 3)]
    [InlineData(ErrorCode.Conflict, 4)]
    [InlineData(ErrorCode.ServerFault, 1)]
    [InlineData((ErrorCode)999, 1)]
    public void A_refusal_ends_with_the_code_for_its_kind(ErrorCode code, int exitCode) =>
        Assert.Equal(exitCode, FailureReport.Of(new FibrilServerException(code, "No.", "it"))!.ExitCode);

    [Fact]
    public void Other_failures_have_codes_too()
    {
        Assert.Equal(ExitCode.NotReachable, FailureReport.Of(new FibrilConnectionException("Gone."))!.ExitCode);
        Assert.Equal(ExitCode.TimedOut, FailureReport.Of(new FibrilTimeoutException("an answer", TimeSpan.FromSeconds(1)))!.ExitCode);
        Assert.Equal(ExitCode.NotReachable, FailureReport.Of(new FibrilSubscriptionClosedException(CloseReason.BrokerShutdown, "Bye.", "it"))!.ExitCode);
        Assert.Equal(ExitCode.NotFound, FailureReport.Of(new FibrilSubscriptionClosedException(CloseReason.TopicDeleted, "Bye.", "it"))!.ExitCode);
        Assert.Equal(ExitCode.Failure, FailureReport.Of(new IOException("Disk full."))!.ExitCode);
    }

    [Fact]
    public void Causes_that_only_repeat_what_was_said_are_left_out()
    {
        var failure = new CliException(7, "it failed", "Do it right.", new IOException("Outer: inner.", new IOException("inner.", new IOException("root."))));
        FailureReport report = FailureReport.Of(failure)!;
        Assert.Equal((7, "it failed", "Do it right."), (report.ExitCode, report.What, report.Remedy));
        Assert.Equal(["Outer: inner.", "root."], report.Causes);
    }

    [Fact]
    public void Bugs_are_not_explained_away() => Assert.Null(FailureReport.Of(new InvalidOperationException()));
}
