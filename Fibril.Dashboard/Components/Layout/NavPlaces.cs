using Fibril.Dashboard.Formats;
using MudBlazor;

namespace Fibril.Dashboard.Components.Layout;

/// <summary>A page that can be gone to from everywhere.</summary>
/// <param name="Title">In the menu.</param>
/// <param name="Path">Relative to the base of the broker.</param>
/// <param name="Icon">As SVG.</param>
/// <param name="Key">What comes after <c>g</c>.</param>
public sealed record NavPlace(string Title, string Path, string Icon, char Key);

/// <summary>A part of the menu.</summary>
public sealed record NavSection(string? Title, IReadOnlyList<NavPlace> Places);

/// <summary>Every page that has no parameters. The script of the keys has the same letters.</summary>
public static class NavPlaces
{
    public static IReadOnlyList<NavSection> Sections { get; } =
    [
        new(null, [new("Overview", Link.Overview, Icons.Material.Outlined.SpaceDashboard, 'o')]),
        new("Messaging",
        [
            new("Queues", Link.Queues, Icons.Material.Outlined.Inbox, 'q'),
            new("Streams", Link.Streams, Icons.Material.Outlined.Stream, 's'),
            new("Messages", Link.MessagesPage, Icons.Material.Outlined.Mail, 'm'),
            new("Dead letters", Link.DeadLettersPage, Icons.Material.Outlined.ReportGmailerrorred, 'd'),
        ]),
        new("Clients",
        [
            new("Connections", Link.Connections, Icons.Material.Outlined.Cable, 'c'),
            new("Subscriptions", Link.Subscriptions, Icons.Material.Outlined.Groups, 'u'),
            new("Activity", Link.Activity, Icons.Material.Outlined.History, 'a'),
        ]),
        new("Operate",
        [
            new("Topology", Link.Topology, Icons.Material.Outlined.Hub, 't'),
            new("Diagnostics", Link.Diagnostics, Icons.Material.Outlined.MonitorHeart, 'x'),
            new("Quarantine", Link.Quarantine, Icons.Material.Outlined.Healing, 'z'),
            new("Security", Link.Security, Icons.Material.Outlined.Security, 'e'),
            new("Settings", Link.Settings, Icons.Material.Outlined.Settings, ','),
        ]),
    ];

    public static IEnumerable<NavPlace> All => Sections.SelectMany(static section => section.Places);
}
