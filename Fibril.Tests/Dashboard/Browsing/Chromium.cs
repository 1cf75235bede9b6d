using Fibril.Tests.Support;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>One browser for all tests that need one, started when the first of them asks for it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    public const string Collection = "Browser";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // Without the network, and without the parts of a browser that look for one.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Opens a window of its own, with cookies and settings of its own.</summary>
    /// <param name="site">Where its pages are.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="scheme">What the system prefers.</param>
    internal async Task<BrowserWindow> OpenAsync(Uri site, int width = 1440, ColorScheme scheme = ColorScheme.Light)
    {
        IBrowser browser = await StartAsync();
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = site.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout((float)Patience.Limit.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.Limit.TotalMilliseconds);
        return new BrowserWindow(context, await context.NewPageAsync());
    }

    private async Task<IBrowser> StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_browser is not null) return _browser;
            string? path = Find();
            if (path is null && Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail("There is no Chromium on this machine; install the package chromium.");
            Assert.SkipWhen(path is null, "There is no Chromium on this machine. Install it (Debian: apt-get install chromium), or name it with FIBRIL_CHROMIUM.");
            _playwright = await Playwright.CreateAsync();
            return _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments });
        }
        finally
        {
            _starting.Release();
        }
    }

    private static string? Find() => Environment.GetEnvironmentVariable("FIBRIL_CHROMIUM") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(static folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _starting.Dispose();
    }
}

[CollectionDefinition(Chromium.Collection)]
public sealed class BrowserTests : ICollectionFixture<Chromium>;
