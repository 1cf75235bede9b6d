using AngleSharp.Dom;
using Bunit;

namespace Fibril.Tests.Support;

/// <summary>Does what a reader would, by the words on the page. A page that goes on by itself may be shown anew at any moment, so what is used is found on its own thread.</summary>
internal static class PageFrameExtensions
{
    /// <summary>Presses a button as soon as it can be pressed. What that begins may take longer.</summary>
    /// <param name="page">The page.</param>
    /// <param name="within">A selector of what it is in.</param>
    /// <param name="text">What stands on it.</param>
    public static async Task PressAsync(this IRenderedComponent<PageFrame> page, string within, string text)
    {
        page.WaitForAssertion(() => Assert.False(page.ButtonOf(within, text).HasAttribute("disabled")), Patience.Limit);
        await page.InvokeAsync(() => { _ = page.ButtonOf(within, text).ClickAsync(); });
    }

    /// <summary>Writes into a field, and leaves it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="within">A selector of what it is in.</param>
    /// <param name="label">How its label begins.</param>
    /// <param name="text">What to write, or to choose.</param>
    public static async Task WriteAsync(this IRenderedComponent<PageFrame> page, string within, string label, string text)
    {
        page.WaitForElement($"{within} label", Patience.Limit);
        await page.InvokeAsync(() => page.InputOf(within, label).Change(text));
    }

    /// <summary>Chooses a box, or one of several, by the text beside it.</summary>
    public static async Task ChooseAsync(this IRenderedComponent<PageFrame> page, string within, string text)
    {
        page.WaitForElement($"{within} label", Patience.Limit);
        await page.InvokeAsync(() => page.FindAll($"{within} label").Single(label => label.TextContent.Trim() == text).QuerySelector("input")!.Change(true));
    }

    /// <summary>Types what a dialog asks for.</summary>
    public static async Task ConfirmAsync(this IRenderedComponent<PageFrame> page, string typed, string button)
    {
        page.WaitForElement("[data-testid=confirm-text]", Patience.Limit);
        await page.InvokeAsync(() => page.Find("[data-testid=confirm-text]").Input(typed));
        await page.PressAsync(".mud-dialog", button);
    }

    /// <summary>Presses the one button with this text as soon as it can be pressed.</summary>
    /// <returns>Completes when all is done that the button does.</returns>
    public static async Task ClickAsync(this IRenderedComponent<PageFrame> page, string text)
    {
        page.WaitForAssertion(() => Assert.False(page.Button(text).HasAttribute("disabled")), Patience.Limit);
        await page.InvokeAsync(() => page.Button(text).ClickAsync());
    }

    /// <summary>Waits for an input, and fills it.</summary>
    public static async Task FillAsync(this IRenderedComponent<PageFrame> page, string selector, object value)
    {
        page.WaitForElement(selector, Patience.Limit);
        await page.InvokeAsync(() => page.Find(selector).ChangeAsync(value));
    }

    /// <summary>Waits until something is asked, and says yes.</summary>
    public static async Task ConfirmAsync(this IRenderedComponent<PageFrame> page)
    {
        page.WaitForElement(".mud-dialog .mud-dialog-actions button", Patience.Limit);
        await page.InvokeAsync(() => page.FindAll(".mud-dialog .mud-dialog-actions button")[^1].ClickAsync());
    }

    /// <summary>The one button with this text.</summary>
    public static IElement Button(this IRenderedComponent<PageFrame> page, string text) => page.ButtonOf("", text);

    public static IElement ButtonOf(this IRenderedComponent<PageFrame> page, string within, string text) =>
        page.FindAll($"{within} button").Single(button => button.TextContent.Trim() == text);

    private static IElement InputOf(this IRenderedComponent<PageFrame> page, string within, string label) =>
        page.FindAll($"{within} label").Single(element => element.TextContent.StartsWith(label, StringComparison.Ordinal)).ParentElement!.QuerySelector("input, select, textarea")!;
}
