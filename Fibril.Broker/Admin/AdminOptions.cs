using System.Net;
using Fibril.Protocol;

namespace Fibril.Broker.Admin;

/// <summary>The admin HTTP listener. The keys live under <c>admin</c>.</summary>
internal sealed class AdminOptions
{
    /// <summary>Address and port of the admin listener; default loopback, port 8081. Port 0 picks a free one.</summary>
    public IPEndPoint Bind { get; set; } = new(IPAddress.Loopback, ProtocolDefaults.AdminPort);

    /// <summary>Addresses that others reach the admin listener at, as <c>host:port</c>; the first counts.</summary>
    public IReadOnlyList<string> Advertise { get; set; } = [];

    /// <summary>True exports one series for each loaded channel at <c>/metrics</c>; default true.</summary>
    public bool MetricsPerChannel { get; set; } = true;

    /// <summary>True lets health answers name topics to whoever asks; default false, and only who is logged in sees them.</summary>
    public bool HealthVerbosePublic { get; set; }

    public AdminAuthOptions Auth { get; } = new();
}

/// <summary>Who may use the admin listener. The keys live under <c>admin.auth</c>.</summary>
internal sealed class AdminAuthOptions
{
    /// <summary>True asks everybody for a login; default false .</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the administrator that the configuration knows; default <c>fibril</c>.</summary>
    public string UserName { get; set; } = "fibril";

    /// <summary>Password of that administrator; null for none, and only stored users with a role may log in.</summary>
    public string? Password { get; set; }

    /// <summary>File that <see cref="Password"/> was read from; null when it stood in the configuration itself.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// True lets the admin listener bind to an address other than loopback although it asks nobody for a password; default false,
    /// and the broker then refuses to start with such an address.
    /// </summary>
    public bool AllowUnauthenticated { get; set; }

    /// <summary>A session of a browser ends after this time without a request; 1 min to 7 days, default 30 min.</summary>
    public TimeSpan SessionIdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session of a browser ends this long after the login; 1 min to 30 days, default 12 h.</summary>
    public TimeSpan SessionAbsoluteTimeout { get; set; } = TimeSpan.FromHours(12);
}
