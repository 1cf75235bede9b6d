using AngleSharp.Dom;
using Bunit;

namespace Fibril.Tests.Support;

/// <summary>Finds what a reader would: by the words beside it.</summary>
internal static class PageFrameExtensions
{
    /// <summary>The input, list of choices or text of a form.</summary>
    /// <param name="page">The page.</param>
    /// <param name="form">Its <c>data-testid</c>.</param>
    /// <param name="label">How its label begins.</param>
    public static IElement InputOf(this IRenderedComponent<PageFrame> page, string form, string label) =>
        page.FindAll($"[data-testid={form}] label").Single(element => element.TextContent.StartsWith(label, StringComparison.Ordinal)).ParentElement!.QuerySelector("input, select, textarea")!;

    /// <summary>A button of a form, by what stands on it.</summary>
    public static IElement ButtonOf(this IRenderedComponent<PageFrame> page, string form, string text) =>
        page.FindAll($"[data-testid={form}] button").Single(button => button.TextContent.Trim() == text);
}
