using Fibril.Dashboard.Api;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Clients;

/// <summary>What can be done to a connection from more than one page.</summary>
public static class ConnectionActions
{
    /// <param name="dialogs">Asks.</param>
    /// <param name="api">Does it.</param>
    /// <param name="id">Of the connection.</param>
    /// <param name="who">For people.</param>
    /// <param name="held">Messages that it holds, as far as the page knows; null when it does not.</param>
    /// <returns>True when it was closed.</returns>
    public static async Task<bool> CloseAsync(Dialogs dialogs, AdminApi api, string id, string who, int? held)
    {
        string? reason = await dialogs.AskAsync(new Confirmation(
            $"Close the connection of {who}?",
            (held is { } count ? $"It holds {Show.Plural(count, "message")}. " : "")
            + "What it holds stays with its session for the time of grace, and then goes to others. A client that reconnects by itself comes back at once; to keep it away, remove its user first.",
            "Close it")
        {
            Question = "Reason, for the record",
            Command = new CliCommand("connections", "close", id).ToString(),
        });
        return reason is not null && await dialogs.TryAsync(async () =>
        {
            await api.PostAsync<ClosedConnection>($"admin/api/connections/{Uri.EscapeDataString(id)}/close", new { Reason = reason.Length == 0 ? null : reason });
            dialogs.Tell($"The connection of {who} is closed.");
        });
    }

    private sealed record ClosedConnection(string Status);
}
