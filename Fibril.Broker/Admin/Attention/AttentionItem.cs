namespace Fibril.Broker.Admin.Attention;

/// <summary>Something that an operator should look at (admin-api 6.3).</summary>
/// <param name="Severity"><c>critical</c> or <c>warning</c>.</param>
/// <param name="Kind">A stable name.</param>
/// <param name="Subject">Which channel or thing.</param>
/// <param name="Headline">One plain sentence.</param>
/// <param name="ActionHref">The page to act on.</param>
internal sealed record AttentionItem(Audit.AuditSeverity Severity, string Kind, string Subject, string Headline, string ActionHref)
{
    /// <summary>The same for the same thing, as long as it lasts.</summary>
    public string Id => $"{Kind}:{Subject}";

    /// <summary>Since when it is known, in Unix milliseconds.</summary>
    public long SinceMs { get; init; }

    /// <summary>What to do.</summary>
    public string? Remedy { get; init; }
}

/// <summary>The answer of <c>GET /admin/api/attention</c>.</summary>
internal sealed record AttentionView(IReadOnlyList<AttentionItem> Items);
