using Microsoft.JSInterop;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>What only the browser can do. Each call needs a circuit, so none is made while a page is prerendered.</summary>
public sealed class Browser(IJSRuntime script)
{
    /// <summary>Puts a text where it can be pasted from.</summary>
    public ValueTask<bool> CopyAsync(string text) => script.InvokeAsync<bool>("fibril.copy", text);

    /// <summary>Offers a text as a file.</summary>
    public ValueTask DownloadAsync(string fileName, string mediaType, string text) => script.InvokeVoidAsync("fibril.download", fileName, mediaType, text);

    /// <summary>Offers bytes as a file.</summary>
    public ValueTask DownloadAsync(string fileName, string mediaType, byte[] bytes) => script.InvokeVoidAsync("fibril.download", fileName, mediaType, bytes);

    /// <summary>Brings something into sight, and the focus to it.</summary>
    /// <param name="selector">Of CSS.</param>
    public ValueTask FocusAsync(string selector) => script.InvokeVoidAsync("fibril.focus", selector);

    /// <summary>Reads something that the reader has chosen for this browser; null when nothing was.</summary>
    public ValueTask<string?> RecallAsync(string key) => script.InvokeAsync<string?>("fibril.recall", key);

    /// <summary>Keeps something that the reader has chosen.</summary>
    public ValueTask RememberAsync(string key, string value) => script.InvokeVoidAsync("fibril.remember", key, value);

    /// <summary>Tells the reader something while the page is not in sight, if that was allowed.</summary>
    public ValueTask NotifyAsync(string title, string text) => script.InvokeVoidAsync("fibril.notify", title, text);

    /// <summary>Asks whether that is allowed.</summary>
    /// <returns><c>granted</c>, <c>denied</c>, <c>default</c>, or <c>unsupported</c>.</returns>
    public ValueTask<string> AskToNotifyAsync() => script.InvokeAsync<string>("fibril.askToNotify");
}
