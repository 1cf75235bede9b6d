using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Clients;

/// <summary>Who stands where in the diagram of connections: publishers left, subscribers right, and who does both on both sides.</summary>
/// <param name="Publishers">Those that have published most, the first of them first.</param>
/// <param name="MorePublishers">Those that are left out.</param>
/// <param name="Subscribers">Those with the most subscriptions.</param>
/// <param name="MoreSubscribers">Those that are left out.</param>
/// <param name="Idle">Those that do neither.</param>
public sealed record DiagramSides(IReadOnlyList<ConnectionRow> Publishers, int MorePublishers, IReadOnlyList<ConnectionRow> Subscribers, int MoreSubscribers, int Idle)
{
    /// <summary>As many as can be read on one side.</summary>
    public const int MostOfASide = 13;

    /// <summary>Lines of the longer side, with that of those who are left out.</summary>
    public int Lines => Math.Max(1, Math.Max(Publishers.Count + Math.Min(1, MorePublishers), Subscribers.Count + Math.Min(1, MoreSubscribers)));

    public static DiagramSides Of(IReadOnlyList<ConnectionRow> connections)
    {
        ConnectionRow[] publishers = [.. connections.Where(static row => row.Published > 0).OrderByDescending(static row => row.Published).ThenBy(static row => row.Id, StringComparer.Ordinal)];
        ConnectionRow[] subscribers = [.. connections.Where(static row => row.Subs > 0).OrderByDescending(static row => row.Subs).ThenBy(static row => row.Id, StringComparer.Ordinal)];
        return new DiagramSides(
            [.. publishers.Take(MostOfASide)], Math.Max(0, publishers.Length - MostOfASide), [.. subscribers.Take(MostOfASide)], Math.Max(0, subscribers.Length - MostOfASide),
            connections.Count(static row => row is { Published: 0, Subs: 0 }));
    }
}
