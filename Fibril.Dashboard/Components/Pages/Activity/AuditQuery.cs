using System.Globalization;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Activity;

/// <summary>Which entries of the audit trail are looked for.</summary>
/// <param name="Kind">Entries of this kind only.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Subject">A part of it.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="From">The first moment, in UTC: <c>2026-01-31</c> or <c>2026-01-31T12:00</c>.</param>
/// <param name="To">The moment after the last, likewise.</param>
public sealed record AuditQuery(string? Kind, string? Severity, string? Subject, string? Actor, string? From, string? To)
{
    public bool IsEmpty => string.IsNullOrEmpty(Kind) && string.IsNullOrEmpty(Severity) && string.IsNullOrEmpty(Subject) && string.IsNullOrEmpty(Actor) && string.IsNullOrEmpty(From) && string.IsNullOrEmpty(To);

    /// <summary>The path of the API.</summary>
    /// <param name="limit">Most entries.</param>
    public string PathOf(int limit) => Link.To(
        "admin/api/audit", ("kind", Kind), ("severity", Severity), ("subject", Subject), ("actor", Actor), ("from_ms", ReadMs(From)), ("to_ms", ReadMs(To)), ("limit", limit));

    /// <summary>The command that finds the same.</summary>
    public string Command => new CliCommand("audit").With("--kind", Kind).With("--severity", Severity).With("--subject", Subject).With("--actor", Actor)
        .With("--from-time", TimeOf(From)).With("--to-time", TimeOf(To)).ToString();

    /// <summary>Reads a time.</summary>
    /// <returns>Unix milliseconds; null when it is none.</returns>
    public static long? ReadMs(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) && time >= DateTimeOffset.UnixEpoch
            ? time.ToUnixTimeMilliseconds() : null;

    private static string? TimeOf(string? text) =>
        ReadMs(text) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;
}
