using System.Text;
using System.Text.Json;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>What every route has in common: one format of errors, strict requests, ids (admin-api 1).</summary>
public sealed class RequestTests
{
    private const string Queues = "/admin/api/queues";

    [Theory]
    [InlineData("GET", "/admin/api/nothing", 404, "not_found")]
    [InlineData("GET", "/nothing", 404, "not_found")]
    [InlineData("DELETE", Queues, 405, "method_not_allowed")]
    public async Task Paths_and_methods_that_do_not_exist_are_answered_in_the_one_format(string method, string path, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.NotEmpty(answer["message"].GetString()!);
        Assert.Equal(answer.Header("X-Request-Id"), answer["request_id"].GetString());
    }

    [Theory]
    [InlineData("{\"topic\":\"orders\",\"partition_cunt\":2}", 422, "invalid_body", "partition_cunt", "partition_count")]
    [InlineData("{\"topic\":\"orders\",\"partition_count\":\"two\"}", 422, "invalid_body", "partition_count", "whole number")]
    [InlineData("{\"topic\":\"orders\",\"partition_count\":99999999999}", 422, "invalid_body", "partition_count", "2147483647")]
    [InlineData("{\"topic\":\"orders\",\"policy\":\"maybe\"}", 422, "invalid_body", "policy", "discard, global, custom")]
    [InlineData("{\"topic\":\"orders\",\"policy\":1}", 422, "invalid_body", "policy", "discard, global, custom")]
    [InlineData("{\"topic\":\"orders\",\"target\":{\"tpic\":\"x\"}}", 422, "invalid_body", "target", "topic")]
    [InlineData("{\"topic\":\"orders\",\"topic\":\"other\"}", 422, "invalid_body", "topic", "twice")]
    [InlineData("{\"topic\":null}", 422, "invalid_body", "topic", "a text")]
    [InlineData("{\"partition_count\":2}", 422, "invalid_body", "topic", "missing")]
    [InlineData("[]", 422, "invalid_body", "", "an object")]
    public async Task A_body_that_cannot_be_meant_is_refused_with_the_field_and_what_it_takes(string body, int status, string code, string field, string problem)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.PostTextAsync(Queues, body);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        JsonElement detail = Assert.Single(answer["details"].EnumerateArray());
        Assert.StartsWith(field, detail.GetProperty("field").GetString());
        Assert.Contains(problem, detail.GetProperty("problem").GetString());
        Assert.DoesNotContain("Fibril.", answer.Text);
        Assert.DoesNotContain("System.", answer.Text);
    }

    [Theory]
    [InlineData("/admin/api/users", """{"username":"ann","password":"pw","permissions":[{"topic":"a","ops":[]},null]}""", "permissions[1]")]
    [InlineData("/admin/api/dlq/replay/bulk", """{"dlq_topic":"dead","filter":{"header":{"customer":null}}}""", "filter.header.customer")]
    public async Task Null_within_a_list_or_a_map_is_refused_with_its_place(string path, string body, string field)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.PostTextAsync(path, body);
        Assert.Equal((422, "invalid_body"), (answer.Status, answer.Code));
        Assert.Equal(field, Assert.Single(answer["details"].EnumerateArray()).GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("{\"topic\":\"orders\",", "application/json", 400, "invalid_request")]
    [InlineData("", "application/json", 400, "invalid_request")]
    [InlineData("null", "application/json", 422, "invalid_body")]
    [InlineData("topic=orders", "application/x-www-form-urlencoded", 415, "unsupported_media_type")]
    public async Task A_body_that_is_no_json_object_is_refused(string body, string mediaType, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.PostTextAsync(Queues, body, mediaType);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task An_unknown_or_doubled_query_parameter_is_refused()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse unknown = await admin.GetAsync("/admin/api/messages?topic=orders&partion=1");
        Assert.Equal((400, "invalid_argument"), (unknown.Status, unknown.Code));
        Assert.Contains("partition", unknown["message"].GetString());
        ApiResponse doubled = await admin.GetAsync("/admin/api/messages?topic=orders&topic=others");
        Assert.Equal((400, "invalid_argument"), (doubled.Status, doubled.Code));
        ApiResponse wrong = await admin.GetAsync("/admin/api/messages?topic=orders&partition=-1");
        Assert.Equal((400, "invalid_argument"), (wrong.Status, wrong.Code));
        Assert.Contains("from 0 to", wrong["message"].GetString());
    }

    [Fact] // RFC 9457
    public async Task Who_asks_for_problem_details_gets_errors_as_such()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/admin/api/nothing");
        request.Headers.Accept.ParseAdd("application/problem+json");
        ApiResponse answer = await admin.SendAsync(request);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal((404, "not_found", "urn:fibril:error:not_found"), (answer["status"].GetInt32(), answer.Code, answer["type"].GetString()));
    }

    [Theory]
    [InlineData("my-id.1", true)]
    [InlineData("two words", false)]
    [InlineData("line\tbreak", false)]
    public async Task The_callers_request_id_is_kept_unless_it_could_forge_something(string offered, bool isKept)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/admin/api");
        request.Headers.TryAddWithoutValidation("X-Request-Id", offered);
        ApiResponse answer = await admin.SendAsync(request);
        Assert.Equal(isKept, answer.Header("X-Request-Id") == offered);
        Assert.NotEmpty(answer.Header("X-Request-Id")!);
    }

    [Fact]
    public async Task The_index_lists_every_route_that_the_document_describes()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        string[] listed = [.. (await admin.GetAsync("/admin/api"))["routes"].EnumerateArray().Select(static route => $"{route.GetProperty("method")} {route.GetProperty("path")}").Order()];
        JsonElement document = (await admin.GetAsync("/admin/api/openapi.json")).Json;
        string[] described =
        [
            .. document.GetProperty("paths").EnumerateObject()
                .SelectMany(static path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")).Order(),
        ];
        Assert.Equal(listed, described);
        Assert.True(listed.Length > 25, $"only {listed.Length} routes");
    }

    [Fact]
    public async Task The_openapi_document_is_one()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes((await admin.GetAsync("/admin/api/openapi.json")).Text));
        Microsoft.OpenApi.Reader.ReadResult read = await Microsoft.OpenApi.OpenApiDocument.LoadAsync(stream, "json", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(read.Diagnostic!.Errors.Select(static error => error.ToString()));
        Assert.NotEmpty(read.Document!.Paths);
    }
}
