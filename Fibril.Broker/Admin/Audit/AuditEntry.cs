using System.Text.Json.Nodes;

namespace Fibril.Broker.Admin.Audit;

/// <summary>How much an entry matters.</summary>
internal enum AuditSeverity
{
    Info,
    Warning,
    Critical,
}

/// <summary>Something that was done to the broker, or that it noticed by itself.</summary>
/// <param name="AtMs">When, in Unix milliseconds.</param>
/// <param name="Kind">What, as a stable name.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">To which channel, user or thing.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record AuditEntry(long AtMs, string Kind, AuditSeverity Severity, string Subject, string Detail)
{
    /// <summary>Grows by one with each entry, over restarts.</summary>
    public long Id { get; init; }

    /// <summary>Who; null for the broker itself.</summary>
    public string? Actor { get; init; }

    /// <summary>Address that the request came from.</summary>
    public string? SourceIp { get; init; }

    /// <summary>Id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>What was changed, before; without secrets.</summary>
    public JsonNode? Before { get; init; }

    /// <summary>What was changed, after; without secrets.</summary>
    public JsonNode? After { get; init; }
}
