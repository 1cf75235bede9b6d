using AngleSharp.Dom;
using Bunit;

namespace Fibril.Tests.Support;

/// <summary>What a reader does with a page. Pages change while they are looked at, so what is found is used before anything else happens.</summary>
internal static class PageActions
{
    /// <summary>Presses a button as soon as it can be pressed.</summary>
    /// <param name="page">Where it is.</param>
    /// <param name="text">What stands on it.</param>
    /// <param name="within">Selector of what it is in; empty for anywhere.</param>
    /// <returns>Completes when what it does is done, which may wait for a dialog.</returns>
    public static Task PressAsync(this IRenderedComponent<PageFrame> page, string text, string within = "")
    {
        page.WaitForState(() => Find() is not null, Patience.Limit);
        return page.InvokeAsync(() => Find()!.ClickAsync());

        IElement? Find() => page.FindAll($"{within} button").FirstOrDefault(button => button.TextContent.Trim() == text && !button.HasAttribute("disabled"));
    }

    /// <summary>Writes into an input, or chooses of a list, by the name beside it.</summary>
    public static Task FillAsync(this IRenderedComponent<PageFrame> page, string label, string value, string within = "")
    {
        page.WaitForState(() => Find() is not null, Patience.Limit);
        return page.InvokeAsync(() => Find()!.ChangeAsync(value));

        IElement? Find() => page.FindAll($"{within} label").FirstOrDefault(found => found.TextContent.Trim() == label)?.ParentElement?.QuerySelector("input, select");
    }

    /// <summary>Chooses a box or a button of a group by the text beside it.</summary>
    public static Task ChooseAsync(this IRenderedComponent<PageFrame> page, string label, string within = "")
    {
        page.WaitForState(() => Find() is not null, Patience.Limit);
        return page.InvokeAsync(() => Find()!.ChangeAsync(true));

        IElement? Find() => page.FindAll($"{within} label").FirstOrDefault(found => found.TextContent.Trim() == label)?.QuerySelector("input");
    }
}
