namespace Fibril.Cli.Commands.Top;

/// <summary>An order of queues: its name, and the key that the admin API has for it.</summary>
internal sealed record TopOrder(string Name, string SortKey)
{
    /// <summary>All of them; the first one is the default.</summary>
    public static IReadOnlyList<TopOrder> All { get; } =
    [
        new("ready", "-ready_count"), new("leased", "-inflight_count"), new("delayed", "-delayed_count"), new("oldest", "oldest_ready"),
        new("consumers", "-subscriptions"), new("stored", "-stored_bytes"), new("name", "name"),
    ];

    public TopOrder Next => All[(All.ToList().IndexOf(this) + 1) % All.Count];
}
