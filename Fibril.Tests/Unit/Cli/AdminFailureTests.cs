using System.Net;
using System.Text;
using Fibril.Cli;
using Fibril.Cli.Admin;

namespace Fibril.Tests.Unit.Cli;

public sealed class AdminFailureTests
{
    private static readonly Uri Address = new("http://broker-1:8081");

    [Theory] // cli.md 9.2: scripts branch on these
    [InlineData(HttpStatusCode.BadRequest, "invalid_topic", 1)]
    [InlineData(HttpStatusCode.Unauthorized, "unauthorized", 5)]
    [InlineData(HttpStatusCode.Forbidden, "forbidden", 5)]
    [InlineData(HttpStatusCode.TooManyRequests, "too_many_logins", 5)]
    [InlineData(HttpStatusCode.NotFound, "unknown_queue", 3)]
    [InlineData(HttpStatusCode.NotFound, "not_found", 1)]
    [InlineData(HttpStatusCode.NotFound, "repartition_unavailable", 1)]
    [InlineData(HttpStatusCode.NotFound, null, 1)]
    [InlineData(HttpStatusCode.Conflict, "queue_has_inflight", 4)]
    [InlineData(HttpStatusCode.Locked, "setting_locked", 4)]
    [InlineData(HttpStatusCode.GatewayTimeout, null, 7)]
    [InlineData(HttpStatusCode.InternalServerError, "internal_error", 1)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "partition_unavailable", 1)]
    public void Status_and_code_decide_the_exit_code(HttpStatusCode status, string? code, int exitCode) => Assert.Equal(exitCode, AdminFailure.CodeOf(status, code));

    [Fact]
    public void A_refusal_is_told_in_the_broker_s_words_with_its_request()
    {
        CliException failure = Of(
            HttpStatusCode.NotFound,
            """{"code":"unknown_queue","message":"There is no queue x here.","details":[{"field":"topic","problem":"does not exist"}],"request_id":"01ab"}""");
        Assert.Equal("admin API returned HTTP 404: There is no queue x here. [topic does not exist] (unknown_queue, request 01ab)", failure.Message);
        Assert.Equal(ExitCode.NotFound, failure.ExitCode);
    }

    [Fact]
    public void What_is_no_error_of_the_api_is_shown_as_it_came()
    {
        CliException failure = Of(HttpStatusCode.BadGateway, "<html>\e[31mproxy</html>");
        Assert.Equal("admin API returned HTTP 502: <html>·[31mproxy</html>", failure.Message);
        Assert.Equal(ExitCode.Failure, failure.ExitCode);
    }

    [Fact]
    public async Task An_api_that_is_not_there_is_named()
    {
        using var client = new AdminClient(new AdminTarget(new Uri("http://127.0.0.1:1"), new("a", "b"), null) { Talk = new(new Support.CommandLineRun().Context, true, false) });
        CliException failure = await Assert.ThrowsAsync<CliException>(() => client.GetAsync(new Route("/admin/api"), CancellationToken.None));
        Assert.Equal((ExitCode.NotReachable, "failed to connect to admin API 127.0.0.1:1"), (failure.ExitCode, failure.Message));
    }

    [Theory]
    [InlineData("https://broker-1:8081", HttpRequestError.SecureConnectionError, "--ca-file")]
    [InlineData("https://broker-1:8081", HttpRequestError.ResponseEnded, "--client-cert")]
    [InlineData("http://broker-1:8081", HttpRequestError.ResponseEnded, "runs there")]
    [InlineData("https://broker-1:8081", HttpRequestError.ConnectionError, "runs there")]
    public void How_a_connection_fails_says_what_to_try(string address, HttpRequestError error, string remedy) =>
        Assert.Contains(remedy, AdminFailure.NotReachable(new Uri(address), new HttpRequestException(error)).Remedy, StringComparison.Ordinal);

    [Fact]
    public void Paths_and_parameters_are_escaped() // L-09
    {
        Assert.Equal("/users/a%2Fb%20c%3F/x?q=%26%3D&n=5&flag=true", Route.To("/users", "a/b c?", "/x").With("q", "&=").With("none", (string?)null).With("n", 5).With("flag", true).With("off", false).ToString());
    }

    private static CliException Of(HttpStatusCode status, string body)
    {
        using var response = new HttpResponseMessage(status);
        return AdminFailure.Of(new AdminAnswer(status, response.Headers, Encoding.UTF8.GetBytes(body)), Address);
    }
}
