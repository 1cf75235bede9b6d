using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Fibril.Broker.Admin;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Sessions.Transport;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Support;

/// <summary>The admin API of a broker in this process, without sockets of its own: requests go straight into the pipeline.</summary>
internal sealed class AdminHarness : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminHarness(FibrilTestBroker broker, WebApplication app)
    {
        Broker = broker;
        _app = app;
        Http = NewClient();
    }

    public FibrilTestBroker Broker { get; }

    public BrokerCore Core => Broker.Core;

    /// <summary>Sends as nobody in particular; keeps no cookies.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<AdminHarness> StartAsync(Action<BrokerOptions>? configure = null) => await StartAsync(await FibrilTestBroker.StartAsync(), configure);

    /// <summary>The admin API of a broker that has been through something already.</summary>
    /// <param name="broker">Owned from here on.</param>
    /// <param name="configure">Changes the options of the admin API.</param>
    public static async Task<AdminHarness> StartAsync(FibrilTestBroker broker, Action<BrokerOptions>? configure = null)
    {
        var options = new BrokerOptions();
        configure?.Invoke(options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddBroker(options, broker.Time, _ => broker.Core);
        builder.Services.AddSingleton(StartupReport.Of(options)).AddAdmin(options.Admin);
        WebApplication app = builder.Build();
        app.UseAdmin();
        app.Services.GetRequiredService<BoundAddress>().Set(new IPEndPoint(IPAddress.Loopback, ProtocolDefaults.BrokerPort));
        await app.StartAsync();
        return new AdminHarness(broker, app);
    }

    /// <summary>A client whose host name is <paramref name="host"/>.</summary>
    public HttpClient NewClient(string host = "localhost") => new(_app.GetTestServer().CreateHandler()) { BaseAddress = new Uri($"http://{host}") };

    /// <summary>A client all of whose requests go through something else first.</summary>
    public HttpClient NewClient(DelegatingHandler through)
    {
        through.InnerHandler = _app.GetTestServer().CreateHandler();
        return new HttpClient(through) { BaseAddress = new Uri("http://localhost") };
    }

    public Task<FibrilClient> ConnectAsync() => Broker.ConnectAsync();

    public Task<ApiResponse> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<ApiResponse> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<ApiResponse> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public Task<ApiResponse> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>Sends a body as it is.</summary>
    public Task<ApiResponse> PostTextAsync(string path, string body, string mediaType = "application/json") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, mediaType) });

    public async Task<ApiResponse> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Patience.Wait(Http.SendAsync(request));
        return await ApiResponse.ReadAsync(response);
    }

    /// <summary>The ids of what deserves attention now.</summary>
    public async Task<string[]> AttentionAsync() =>
        [.. (await GetAsync("/admin/api/attention"))["items"].EnumerateArray().Select(static item => item.GetProperty("id").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        // In this order: the application ends, in a second try, what it was lent.
        Http.Dispose();
        await Broker.DisposeAsync();
        await _app.DisposeAsync();
    }

    private Task<ApiResponse> SendAsync(HttpMethod method, string path, object? body) =>
        SendAsync(new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: ApiJson.Options) });
}

/// <summary>An answer of the admin API.</summary>
internal sealed record ApiResponse(int Status, string Text, HttpResponseMessage Message)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    /// <summary>The stable code of an error.</summary>
    public string? Code => Json.GetProperty("code").GetString();

    public JsonElement this[string name] => Json.GetProperty(name);

    public static async Task<ApiResponse> ReadAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);

    /// <summary>A header of the answer; null when it is not there.</summary>
    public string? Header(string name) =>
        Message.Headers.TryGetValues(name, out IEnumerable<string>? values) || Message.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}
