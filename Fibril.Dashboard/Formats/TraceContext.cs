using System.Text.RegularExpressions;

namespace Fibril.Dashboard.Formats;

/// <summary>The trace that a message belongs to, from its headers as W3C has them.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits: what published it.</param>
/// <param name="IsSampled">True when whoever published it has recorded its part.</param>
/// <param name="State">What vendors have added; null for nothing.</param>
public sealed partial record TraceContext(string TraceId, string SpanId, bool IsSampled, string? State)
{
    /// <returns>Null when the headers have none, or one that is not valid.</returns>
    public static TraceContext? Of(IReadOnlyDictionary<string, string> headers)
    {
        if (!headers.TryGetValue("traceparent", out string? parent) || Parent().Match(parent) is not { Success: true } match) return null;
        (string trace, string span) = (match.Groups["trace"].Value, match.Groups["span"].Value);
        if (trace.All(static digit => digit == '0') || span.All(static digit => digit == '0')) return null;
        bool isSampled = (Convert.ToInt32(match.Groups["flags"].Value, 16) & 1) != 0;
        return new TraceContext(trace, span, isSampled, headers.TryGetValue("tracestate", out string? state) && state.Length > 0 ? state : null);
    }

    [GeneratedRegex("^(?!ff)[0-9a-f]{2}-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(-.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Parent();
}
