using AngleSharp.Dom;
using Bunit;

namespace Fibril.Tests.Support;

/// <summary>What a reader does with a page. Each step finds what it needs and uses it in one go, so that no live event comes between.</summary>
internal static class PageSteps
{
    /// <summary>The one button with this text.</summary>
    public static IElement Button(this IRenderedComponent<PageFrame> page, string text) => page.FindAll("button").Single(button => button.TextContent.Trim() == text);

    /// <summary>Waits for a button that can be pressed, and presses it.</summary>
    /// <returns>Completes when all is done that the button does.</returns>
    public static async Task PressAsync(this IRenderedComponent<PageFrame> page, string text)
    {
        page.WaitForAssertion(() => Assert.False(page.Button(text).HasAttribute("disabled"), $"{text} cannot be pressed"), Patience.Limit);
        await page.InvokeAsync(() => page.Button(text).ClickAsync());
    }

    /// <summary>Waits for an input, and fills it.</summary>
    public static async Task FillAsync(this IRenderedComponent<PageFrame> page, string selector, object value)
    {
        page.WaitForElement(selector, Patience.Limit);
        await page.InvokeAsync(() => page.Find(selector).ChangeAsync(value));
    }

    /// <summary>Waits until something is asked, and says yes.</summary>
    /// <param name="page">The page.</param>
    /// <param name="typed">What has to be typed; null when a click is enough.</param>
    public static async Task ConfirmAsync(this IRenderedComponent<PageFrame> page, string? typed = null)
    {
        page.WaitForElement(".mud-dialog .mud-dialog-actions button", Patience.Limit);
        if (typed is not null) await page.InvokeAsync(() => page.Find("[data-testid=confirm-text]").InputAsync(typed));
        await page.InvokeAsync(() => page.FindAll(".mud-dialog .mud-dialog-actions button")[^1].ClickAsync());
    }
}
