namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The one variable that gives two settings: how durable a confirmed publish is, and on how many nodes, as <c>mode:nodes</c>.</summary>
internal static class DurabilityVariable
{
    public const string Name = "FIBRIL_COORDINATION_ASSIGNMENT_DURABILITY";

    /// <summary>The part for the mode.</summary>
    public static RawValue ModeOf(RawValue whole)
    {
        string mode = whole.Text!.Split(':', 2)[0].Trim();
        return new RawValue(whole.Source, mode switch { "local" => "local_durable", "majority" => "majority_durable", _ => mode });
    }

    /// <summary>The part for the nodes: empty, which is none, when it is left out.</summary>
    public static RawValue NodesOf(RawValue whole) =>
        new(whole.Source, whole.Text!.Split(':', 2) is [_, var nodes] ? nodes.Trim() : "");
}
