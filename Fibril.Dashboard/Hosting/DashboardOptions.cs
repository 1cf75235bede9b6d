namespace Fibril.Dashboard.Hosting;

/// <summary>What the pages are told by whoever hosts them.</summary>
public sealed class DashboardOptions
{
    /// <summary>What stands for the trace in <see cref="TraceUrl"/>.</summary>
    public const string TraceId = "{trace_id}";

    /// <summary>Address at which a trace can be seen, such as <c>http://localhost:16686/trace/{trace_id}</c>; null, the default, for no links.</summary>
    public string? TraceUrl { get; set; }

    /// <summary>Where a trace can be seen.</summary>
    /// <param name="traceId">32 hexadecimal digits.</param>
    /// <returns>Null when nobody has said where, or said no address of the web.</returns>
    public string? LinkOf(string traceId) =>
        TraceUrl is { } template && template.Contains(TraceId, StringComparison.Ordinal)
        && Uri.TryCreate(template.Replace(TraceId, traceId, StringComparison.Ordinal), UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address.AbsoluteUri : null;
}
