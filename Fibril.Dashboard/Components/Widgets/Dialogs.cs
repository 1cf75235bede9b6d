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
}

/// <summary>Asks before something is done, and tells how it went.</summary>
public sealed class Dialogs(IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly DialogOptions Options = new() { CloseOnEscapeKey = true, MaxWidth = MaxWidth.Small, FullWidth = true, CloseButton = false };

    /// <summary>Asks.</summary>
    /// <returns>True when it is meant.</returns>
    public async Task<bool> ConfirmAsync(Confirmation confirmation)
    {
        var parameters = new DialogParameters<ConfirmDialog> { { static dialog => dialog.Confirmation, confirmation } };
        IDialogReference dialog = await dialogs.ShowAsync<ConfirmDialog>(confirmation.Title, parameters, Options);
        return await dialog.Result is { Canceled: false };
    }

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
