using System.Net;
using Fibril.Dashboard.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Fibril.Tests.Support;

/// <summary>The dashboard that runs alone, in this process, behind a real listener, and a browser that follows no redirects and keeps cookies.</summary>
internal sealed class StandaloneDashboard : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StandaloneDashboard(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        Browser = NewBrowser(Address);
    }

    public Uri Address { get; }

    public HttpClient Browser { get; }

    /// <summary>The cookies of <see cref="Browser"/>.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <param name="arguments">As on the command line; without <c>--urls</c> it listens on a free port of loopback.</param>
    public static async Task<StandaloneDashboard> StartAsync(params string[] arguments)
    {
        WebApplication app = StandaloneHost.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. arguments]);
        try
        {
            await app.StartAsync();
            return new StandaloneDashboard(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A browser with the same cookies at another address of this machine.</summary>
    public HttpClient NewBrowser(Uri address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies, UseProxy = false }) { BaseAddress = address, Timeout = Patience.Limit };

    /// <summary>Fetches a page as a browser does.</summary>
    public Task<(int Status, string? Location, string Body)> GetAsync(string path, Action<HttpRequestMessage>? change = null) => SendAsync(Browser, new HttpRequestMessage(HttpMethod.Get, path), change);

    /// <summary>Sends a form as a page of this dashboard does.</summary>
    public Task<(int Status, string? Location, string Body)> PostAsync(string path, Dictionary<string, string> form, Action<HttpRequestMessage>? change = null) =>
        SendAsync(Browser, new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) }, change);

    public static async Task<(int Status, string? Location, string Body)> SendAsync(HttpClient browser, HttpRequestMessage request, Action<HttpRequestMessage>? change = null)
    {
        using (request)
        {
            request.Headers.Accept.ParseAdd("text/html");
            change?.Invoke(request);
            using HttpResponseMessage response = await browser.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)response.StatusCode, response.Headers.Location?.ToString(), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
