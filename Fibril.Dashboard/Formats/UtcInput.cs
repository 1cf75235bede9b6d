using System.Globalization;

namespace Fibril.Dashboard.Formats;

/// <summary>Times as inputs of browsers have them. The pages read and show them in UTC, as everything else here.</summary>
public static class UtcInput
{
    /// <returns>Unix milliseconds; null when there is no time in it.</returns>
    public static long? Parse(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) && time.ToUnixTimeMilliseconds() >= 0
            ? time.ToUnixTimeMilliseconds() : null;

    /// <param name="atMs">Unix milliseconds; null for none.</param>
    public static string? Of(long? atMs) => atMs is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) : null;
}
