using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Sends a change of the settings, and explains the answer that a version has passed: it is the document, not an error.</summary>
internal static class SettingsChange
{
    public static async Task<JsonElement> SendAsync(AdminClient admin, HttpMethod method, Route route, JsonObject body, CancellationToken cancellationToken)
    {
        AdminAnswer answer = await admin.SendAsync(method, route, JsonSerializer.SerializeToUtf8Bytes(body, AdminJson.Default.JsonObject), cancellationToken);
        if (answer.IsSuccess) return answer.Read();
        if (answer.Status == HttpStatusCode.Conflict && answer.Read().At("version").Number() is { } version)
        {
            throw new CliException(
                ExitCode.Conflict, $"admin API returned HTTP 409: the settings have changed; they have version {version}, not {body["expected_version"]}",
                $"See what has changed with fibrilctl settings diff --against {body["expected_version"]}, and try again.");
        }

        throw AdminFailure.Of(answer, admin.Address);
    }
}
