using System.Text.Json.Nodes;

namespace Fibril.Dashboard.Api.Models;

/// <summary>Who has done what, the newest first: <c>GET /admin/api/audit</c>.</summary>
public sealed record AuditList(IReadOnlyList<AuditEntry> Entries);

/// <summary>Something that was done to the broker, or that it noticed by itself.</summary>
/// <param name="Id">Grows by one with each entry, over restarts.</param>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Kind">What, as a stable name.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">To which channel, user or thing.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Actor">Who; null for the broker itself.</param>
/// <param name="SourceIp">Address that the request came from.</param>
/// <param name="RequestId">Id of the request.</param>
/// <param name="Before">What was changed, before.</param>
/// <param name="After">What was changed, after.</param>
public sealed record AuditEntry(
    long Id, long AtMs, string Kind, Severity Severity, string Subject, string Detail, string? Actor, string? SourceIp, string? RequestId, JsonNode? Before, JsonNode? After)
{
    /// <summary>Which row is which.</summary>
    public string Key => Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
