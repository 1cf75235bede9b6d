using MudBlazor;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>What is asked before something is done that cannot be taken back.</summary>
/// <param name="Title">A question that names the thing.</param>
/// <param name="Consequence">What happens, in numbers where there are some.</param>
/// <param name="Action">The word on the button.</param>
public sealed record Confirmation(string Title, string Consequence, string Action)
{
    /// <summary>What has to be typed; null when a click is enough.</summary>
    public string? Typed { get; init; }

    /// <summary>The command that does the same.</summary>
    public string? Command { get; init; }

    /// <summary>True when it destroys something.</summary>
    public bool IsDangerous { get; init; } = true;

    /// <summary>A question that may be answered in a few words, such as for the reason; null for none.</summary>
    public string? Question { get; init; }
}

/// <summary>Asks before something is done, and tells how it went.</summary>
public sealed class Dialogs(IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly DialogOptions Options = new() { CloseOnEscapeKey = true, MaxWidth = MaxWidth.Small, FullWidth = true, CloseButton = false };

    /// <summary>Asks.</summary>
    /// <returns>True when it is meant.</returns>
    public async Task<bool> ConfirmAsync(Confirmation confirmation) => await AskAsync(confirmation) is not null;

    /// <summary>Asks, and takes an answer to the question of <paramref name="confirmation"/>.</summary>
    /// <returns>The answer, which may be empty; null when it is not meant.</returns>
    public async Task<string?> AskAsync(Confirmation confirmation)
    {
        var parameters = new DialogParameters<ConfirmDialog> { { static dialog => dialog.Confirmation, confirmation } };
        IDialogReference dialog = await dialogs.ShowAsync<ConfirmDialog>(confirmation.Title, parameters, Options);
        return await dialog.Result is { Canceled: false, Data: string answer } ? answer : null;
    }

    /// <summary>Tells that something was done, and where to see it.</summary>
    public void Tell(string text, string linkText, string href) => snackbar.Add(
        builder =>
        {
            builder.AddContent(0, text + " ");
            builder.OpenElement(1, "a");
            builder.AddAttribute(2, "href", href);
            builder.AddContent(3, linkText);
            builder.CloseElement();
        },
        MudBlazor.Severity.Success,
        static options => options.VisibleStateDuration = 8000);

    public void Tell(string text) => snackbar.Add(text, MudBlazor.Severity.Success);

    public void Warn(string text) => snackbar.Add(text, MudBlazor.Severity.Warning, static options => options.VisibleStateDuration = 8000);

    public void Fail(string text) => snackbar.Add(text, MudBlazor.Severity.Error, static options => options.RequireInteraction = true);

    /// <summary>Does something that the broker may refuse, and tells about that.</summary>
    /// <returns>True when it was done.</returns>
    public async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Api.AdminApiException refusal)
        {
            Fail(refusal.Details is [{ } first, ..] && !refusal.Message.Contains(first.Problem, StringComparison.Ordinal)
                ? $"{refusal.Message} ({first.Field} {first.Problem})" : refusal.Message);
            return false;
        }
    }
}
