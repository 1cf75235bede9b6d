using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.History;

/// <summary>When the disk is full, if it goes on like this.</summary>
public static class DiskForecast
{
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestTold = TimeSpan.FromDays(30);

    /// <param name="samples">The oldest first.</param>
    /// <returns>Null when the disk does not fill, or not soon, or was not watched for long enough.</returns>
    public static TimeSpan? FullIn(IReadOnlyList<HistorySample> samples)
    {
        HistorySample[] known = [.. samples.Where(static sample => sample.DiskFree is not null)];
        if (known is not [{ } first, .., { } last] || last.At - first.At < ShortestLook.TotalSeconds) return null;
        double lostPerSecond = (first.DiskFree!.Value - last.DiskFree!.Value) / (double)(last.At - first.At);
        if (lostPerSecond <= 0) return null;
        double seconds = last.DiskFree.Value / lostPerSecond;
        return seconds < LongestTold.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
