using Fibril.Dashboard.Components.Layout;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>Every page, light and dark, wide and narrow: nobody is shut out (U-30, WCAG 2.2 AA as far as axe can tell), nothing breaks, and a picture is kept.</summary>
[Collection(Chromium.Collection)]
public sealed class AccessibilityTests(Chromium chromium, AccessibilityTests.Site site) : IClassFixture<AccessibilityTests.Site>
{
    private static readonly string[] OfOneThing =
    [
        "admin/queues?declare=true",
        "admin/queue?topic=orders&group=eu",
        "admin/queue?topic=nothing-like-that",
        "admin/streams?declare=true",
        "admin/stream?topic=readings",
        "admin/messages?topic=orders&group=eu&include_payload=true",
        "admin/messages?topic=orders&group=eu&find=true",
        $"admin/message?topic={PopulatedBroker.DeadLetters}&partition=0&offset=0",
        $"admin/dlq?topic={PopulatedBroker.DeadLetters}",
        $"admin/dlq?topic={PopulatedBroker.DeadLetters}&act=replay",
        "admin/connections?view=diagram",
        "admin/settings?tab=history",
        "admin/settings?tab=startup",
        "admin/settings?tab=browser",
        "admin/security?add=true",
    ];

    public static TheoryData<string, ColorScheme, int> Pages
    {
        get
        {
            var pages = new TheoryData<string, ColorScheme, int>();
            foreach (string path in NavPlaces.All.Select(static place => place.Path).Concat(OfOneThing))
            {
                pages.Add(path, ColorScheme.Light, 1440);
                pages.Add(path, ColorScheme.Dark, 1440);
                pages.Add(path, ColorScheme.Dark, 380);
            }

            return pages;
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_can_be_used_by_everybody(string path, ColorScheme scheme, int width)
    {
        await using BrowserWindow window = await chromium.OpenAsync((await site.StartedAsync()).Site, width, scheme);
        await window.GoAsync(path);
        await window.ScreenshotAsync($"{NameOf(path)}-{scheme.ToString().ToLowerInvariant()}-{width}");

        Assert.Empty(await window.FindBarriersAsync());
        Assert.Empty(window.Faults);
        Assert.Equal(1, await window.Page.Locator("h1").CountAsync());
        int overflow = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{overflow} pixels of the page are beside the window.");
    }

    private static string NameOf(string path) => path.Length == 0 ? "overview" : string.Concat(path.Replace("admin/", "", StringComparison.Ordinal).Select(static character => char.IsLetterOrDigit(character) ? character : '-'));

    /// <summary>One broker for all pages: none of them changes anything.</summary>
    public sealed class Site : IAsyncDisposable
    {
        private readonly Lazy<Task<PopulatedBroker>> _broker = new(PopulatedBroker.StartAsync);

        internal Task<PopulatedBroker> StartedAsync() => _broker.Value;

        public async ValueTask DisposeAsync()
        {
            if (_broker.IsValueCreated) await (await _broker.Value).DisposeAsync();
        }
    }
}
