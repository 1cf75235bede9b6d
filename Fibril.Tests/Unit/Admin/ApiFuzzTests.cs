using System.Net;
using System.Text.Json;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Security.Users;
using Fibril.Client;
using Fibril.Tests.Support;
using Fibril.Tests.Unit.Admin.Fuzz;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Sends whatever can be sent to every operation that the OpenAPI document describes, as callers of every role.</summary>
[Collection(MeasuresTheProcess.Name)]
public sealed class ApiFuzzTests(ITestOutputHelper output)
{
    private const string Password = "a password that nobody guesses";
    private const int RequestsAtScaleOne = 600;
    private const int MostLoadedPartitions = 256;
    private const long MostGrowthBytes = 96 << 20;

    [Fact]
    public async Task Whatever_is_sent_is_answered_as_the_document_promises_and_the_broker_goes_on_serving()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("FIBRIL_FUZZ_SEED"), out int given) ? given : 20_261_129;
        int count = TestScale.Iterations(RequestsAtScaleOne);
        output.WriteLine($"seed {seed}, {count} requests; FIBRIL_FUZZ_SEED chooses another");
        using var directory = new TemporaryDirectory();
        await using HostedBroker broker = await StartAsync(directory);
        await using FibrilClient client = await broker.ConnectAsync(tls: null);
        await FillAsync(client);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = broker.Admin };
        FuzzCaller[] callers = await LoginAsync(broker, http);
        (JsonElement document, JsonElement index) = (await ReadAsync(http, callers[^1], "/admin/api/openapi.json"), await ReadAsync(http, callers[^1], "/admin/api"));
        IReadOnlyList<ApiOperation> operations = ApiOperation.ReadAll(document, index);
        var random = new Random(seed);
        var schemas = new SchemaCheck(document);
        var maker = new RequestMaker(random, schemas, broker.Admin);
        var check = new AnswerCheck(schemas);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var faults = new SortedDictionary<string, string>(StringComparer.Ordinal);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        for (int number = 0; number < count; number++)
        {
            ApiOperation operation = operations[number % operations.Count];
            // Most come from callers who may do it: the others never reach what is to be tried.
            FuzzCaller caller = random.Next(10) < 7 ? callers[^1] : callers[random.Next(callers.Length)];
            MadeRequest made = maker.Make(operation);
            caller.Sign(made.Message);
            if (number % operations.Count == 0) maker.LearnConnections(await ReadAsync(http, callers[^1], "/admin/api/connections"));
            (int status, string? fault) = await SendAsync(http, check, made, caller);
            string outcome = $"{operation} {status}";
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (fault is not null) faults.TryAdd($"{operation}: {fault}"[..Math.Min(160, operation.ToString().Length + 2 + fault.Length)], $"request {number} as {caller.Role}: {made.Text}\n    {fault}");
        }

        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine(string.Join('\n', outcomes.Select(static outcome => $"{outcome.Value,6} {outcome.Key}")));
        output.WriteLine($"{grown >> 10} KiB more than before");
        Assert.True(faults.Count == 0, $"seed {seed}:\n{string.Join('\n', faults.Values)}\n{string.Join('\n', broker.Log.Lines.Where(static line => line.Level >= LogLevel.Error).Take(20))}");
        Assert.DoesNotContain(broker.Log.Lines, static line => line.Level >= LogLevel.Error);
        string[] neverDone = [.. operations.Select(static operation => operation.ToString()).Where(operation => !outcomes.Keys.Any(outcome => outcome.StartsWith(operation + " 2", StringComparison.Ordinal)))];
        output.WriteLine($"never done: {string.Join(", ", neverDone)}");
        Assert.True(grown < MostGrowthBytes, $"seed {seed}: {grown} bytes more than before");
        Assert.InRange(broker.LoadedPartitionCount, 0, MostLoadedPartitions);
        await ServesAsync(broker, http);
    }

    private static async Task<HostedBroker> StartAsync(TemporaryDirectory directory) => await HostedBroker.StartAsync(directory.PathOf("data"), static options =>
    {
        options.Admin.Auth.Enabled = true;
        options.Admin.Auth.UserName = "root";
        options.Admin.Auth.Password = Password;
    });

    private static async Task FillAsync(FibrilClient client)
    {
        await client.DeclareQueueAsync("orders");
        await client.DeclareQueueAsync("orders.dead");
        await client.DeclareQueueAsync("mail");
        await client.DeclareStreamAsync("audit");
        foreach (string topic in (string[])["orders", "mail", "audit"])
        {
            var publisher = client.CreatePublisher(topic);
            for (int number = 0; number < 5; number++) await publisher.PublishAsync(System.Text.Encoding.UTF8.GetBytes($"message {number}"));
        }
    }

    private static async Task<FuzzCaller[]> LoginAsync(HostedBroker broker, HttpClient http)
    {
        foreach ((string name, UserRole role) in ((string, UserRole)[])[("watcher", UserRole.Viewer), ("worker", UserRole.Operator)])
        {
            await broker.Users.SetPasswordAsync(name, Password, TestContext.Current.CancellationToken);
            await broker.Users.SetRoleAsync(name, role);
        }

        return
        [
            FuzzCaller.Nobody, await FuzzCaller.LoginAsync(http, "watcher", Password), await FuzzCaller.LoginAsync(http, "worker", Password),
            await FuzzCaller.LoginAsync(http, "root", Password),
        ];
    }

    private static async Task<JsonElement> ReadAsync(HttpClient http, FuzzCaller caller, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        caller.Sign(request);
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(int Status, string? Fault)> SendAsync(HttpClient http, AnswerCheck check, MadeRequest made, FuzzCaller caller)
    {
        try
        {
            using HttpResponseMessage answer = await Patience.Wait(http.SendAsync(made.Message, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
            string? mediaType = answer.Content.Headers.ContentType?.MediaType;
            string text = mediaType == "text/event-stream" ? await FirstLineAsync(answer) : await Patience.Wait(answer.Content.ReadAsStringAsync());
            string? requestId = answer.Headers.TryGetValues("X-Request-Id", out IEnumerable<string>? ids) ? ids.Single() : null;
            // The server refuses, before the pipeline sees it, what is no request of HTTP at all.
            if (requestId is null && made.IsElsewhere && answer.StatusCode is HttpStatusCode.BadRequest) return (400, null);
            return ((int)answer.StatusCode, check.Explain(made, caller.Role, (int)answer.StatusCode, mediaType, requestId, text));
        }
        catch (HttpRequestException) when (made.IsTooLarge)
        {
            return (413, null); // the server has answered and hung up while the rest was on its way
        }
        catch (HttpRequestException failure)
        {
            return (0, $"There was no answer: {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    private static async Task<string> FirstLineAsync(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        return await Patience.Wait(reader.ReadLineAsync()) ?? "";
    }

    private static async Task ServesAsync(HostedBroker broker, HttpClient http)
    {
        Assert.Equal("ok", await http.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        await using FibrilClient client = await broker.ConnectAsync(tls: null);
        await client.DeclareQueueAsync("afterwards");
        await client.CreatePublisher("afterwards").PublishAsync("still here"u8.ToArray());
        await using Subscription subscription = await client.SubscribeAsync("afterwards");
        await foreach (ReceivedMessage message in subscription)
        {
            await message.CompleteAsync();
            break;
        }
    }
}
