using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Security;

/// <summary>A permission while it is edited.</summary>
public sealed class PermissionRow
{
    public string Topic { get; set; } = "";

    public HashSet<TopicOperation> Ops { get; } = [];

    public static PermissionRow Of(TopicRule permission)
    {
        var row = new PermissionRow { Topic = permission.Topic };
        row.Ops.UnionWith(permission.Ops);
        return row;
    }

    public void Toggle(TopicOperation operation)
    {
        if (!Ops.Remove(operation)) Ops.Add(operation);
    }

    public TopicRule ToPermission() => new(Topic.Trim(), [.. Ops.Order()]);
}
