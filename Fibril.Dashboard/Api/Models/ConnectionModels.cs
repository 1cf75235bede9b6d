namespace Fibril.Dashboard.Api.Models;

/// <summary>An open connection: <c>GET /admin/api/connections</c>.</summary>
public sealed record ConnectionRow(
    string Id, string Peer, long Uptime, bool Authenticated, int Subs, long Published, string? User, string ClientName, string ClientVersion, string? Session, bool Attached, long PendingBytes);
