namespace Fibril.Broker.Sessions;

/// <summary>Who may connect. The keys live under <c>auth</c>.</summary>
internal sealed class AuthOptions
{
    /// <summary>True accepts <c>fibril</c>/<c>fibril</c> from loopback peers while no user of that name exists; default true (AUT-4).</summary>
    public bool AllowDefaultLoopback { get; set; } = true;

    /// <summary>Users that are put into the directory of users while that is empty .</summary>
    public List<ConfiguredUser> Users { get; set; } = [];

    /// <summary>The secret of the cluster; null to look for it in a file.</summary>
    public string? ClusterSecret { get; set; }
}

/// <summary>One user named in the configuration.</summary>
internal sealed record ConfiguredUser(string UserName, string Password)
{
    /// <summary>Names the user only: passwords never reach a log.</summary>
    public override string ToString() => UserName;
}
