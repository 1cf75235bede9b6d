namespace Fibril.Dashboard.History;

/// <summary>How far back a chart goes.</summary>
/// <param name="Name">As the API has it.</param>
/// <param name="Title">On the button.</param>
/// <param name="Span">The same as a time.</param>
public sealed record HistoryRange(string Name, string Title, TimeSpan Span)
{
    public static HistoryRange HalfHour { get; } = new("30m", "30 min", TimeSpan.FromMinutes(30));

    public static IReadOnlyList<HistoryRange> All { get; } = [HalfHour, new("24h", "24 h", TimeSpan.FromHours(24)), new("30d", "30 d", TimeSpan.FromDays(30))];

    /// <summary>The range of a name; half an hour for every other text.</summary>
    public static HistoryRange Of(string? name) => All.FirstOrDefault(range => range.Name == name, HalfHour);
}
