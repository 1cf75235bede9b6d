using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.History;

/// <summary>The samples of the broker, read once and then only those that are new, for everything on a page that shows them. One for each circuit; for the renderer's thread.</summary>
public sealed class BrokerHistory(AdminApi api)
{
    private readonly Dictionary<string, List<HistorySample>> _known = [];
    private readonly Dictionary<string, Task<IReadOnlyList<HistorySample>>> _reading = [];

    /// <summary>Reads what is new.</summary>
    /// <returns>All samples of the range, the oldest first.</returns>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public Task<IReadOnlyList<HistorySample>> ReadAsync(HistoryRange range)
    {
        if (_reading.TryGetValue(range.Name, out Task<IReadOnlyList<HistorySample>>? reading) && !reading.IsCompleted) return reading;
        return _reading[range.Name] = ReadNewAsync(range);
    }

    private async Task<IReadOnlyList<HistorySample>> ReadNewAsync(HistoryRange range)
    {
        if (!_known.TryGetValue(range.Name, out List<HistorySample>? known)) _known[range.Name] = known = [];
        string since = known is [.., { } last] ? $"&since={last.At}" : "";
        Api.Models.History answer = await api.GetAsync<Api.Models.History>($"admin/api/history?queues=none&range={range.Name}{since}");
        known.AddRange(answer.Samples.Where(sample => known.Count == 0 || sample.At > known[^1].At));
        if (known.Count > 0)
        {
            long oldest = known[^1].At - (long)range.Span.TotalSeconds;
            known.RemoveAll(sample => sample.At < oldest);
        }

        return [.. known];
    }
}
