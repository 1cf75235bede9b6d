namespace Fibril.Dashboard.History;

/// <summary>How far back a chart goes.</summary>
/// <param name="Name">As the API has it.</param>
/// <param name="Title">On the button.</param>
/// <param name="Span">The same as a time.</param>
public sealed record HistoryRange(string Name, string Title, TimeSpan Span)
{
    public static HistoryRange HalfHour { get; } = new("30m", "30 min", TimeSpan.FromMinutes(30));

    /// <summary>What is kept of the broker.</summary>
    public static IReadOnlyList<HistoryRange> All { get; } = [HalfHour, new("24h", "24 h", TimeSpan.FromHours(24)), new("30d", "30 d", TimeSpan.FromDays(30))];

    /// <summary>What is kept of a queue.</summary>
    public static IReadOnlyList<HistoryRange> OfQueues { get; } = [.. All.Take(2)];

    /// <summary>The range of a name; half an hour for every other text.</summary>
    public static HistoryRange Of(string? name) => Of(name, All);

    /// <summary>The same among those that are kept.</summary>
    public static HistoryRange Of(string? name, IReadOnlyList<HistoryRange> kept) => kept.FirstOrDefault(range => range.Name == name, HalfHour);
}
