using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Fibril.Tests.Support;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>A window of a browser, which notes what goes wrong in it.</summary>
internal sealed class BrowserWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    public BrowserWindow(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _faults.Add(message.Text);
        };
        page.PageError += (_, error) => _faults.Add(error);
    }

    public IPage Page { get; }

    /// <summary>What the console has of errors: broken scripts, what the content security policy forbids, what was not found.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Goes to a page, and waits until it is alive.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await AliveAsync();
    }

    /// <summary>Waits until the page has its connection, and has heard of the broker.</summary>
    public async Task AliveAsync()
    {
        await Page.Locator("html[data-interactive=true]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await Page.Locator("[data-live=live]").WaitForAsync();
    }

    public async Task LogInAsync(string userName, string password)
    {
        await Page.GetByLabel("User name").FillAsync(userName);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Log in" }).ClickAsync();
    }

    /// <summary>How often the reader has clicked so far.</summary>
    public int ClickCount { get; private set; }

    /// <summary>Clicks once, as a reader does.</summary>
    public async Task ClickAsync(ILocator target)
    {
        ClickCount++;
        await target.ClickAsync();
    }

    /// <summary>Writes into a field, after a click into it.</summary>
    public async Task WriteAsync(string label, string text)
    {
        ClickCount++;
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).FillAsync(text);
        await Page.Keyboard.PressAsync("Tab");
    }

    /// <summary>Goes to a page by the menu.</summary>
    public async Task FollowMenuAsync(string title) =>
        await ClickAsync(Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Pages" }).GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = title }));

    /// <summary>A button in the question that is asked.</summary>
    public ILocator Answer(string name) => Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name, Exact = true });

    /// <summary>Waits for a text to be seen.</summary>
    public Task SeeAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>What readers with a disability would stumble over, of those kinds that shut somebody out.</summary>
    public async Task<IReadOnlyList<string>> FindBarriersAsync()
    {
        AxeResult result = await Page.RunAxe();
        return
        [
            .. result.Violations.Where(static violation => violation.Impact is "serious" or "critical")
                .SelectMany(static violation => violation.Nodes.Select(node => $"{violation.Impact} {violation.Id}: {violation.Help}: {node.Html}")),
        ];
    }

    /// <summary>Keeps a picture of the whole page among the results of the tests.</summary>
    public Task ScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Repository.PathOf("TestResults", "screenshots", $"{name}.png"), FullPage = true });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
