using System.Diagnostics;
using System.Text;
using Fibril.Protocol;

namespace Fibril.Client.Telemetry;

/// <summary>W3C trace context and baggage in the headers of messages.</summary>
internal static class TraceContext
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";
    private const string Baggage = "baggage";

    private static readonly DistributedContextPropagator Propagator = DistributedContextPropagator.CreateW3CPropagator();

    /// <summary>The headers with the context of an activity. What the application has set stays; a state belongs to its parent and stays with it.</summary>
    public static ReadOnlyMemory<byte> AddTo(ReadOnlyMemory<byte> headers, Activity activity)
    {
        HeaderBlock given = Block(headers.Span);
        bool hasParent = TryFind(given, TraceParent, out _) || TryFind(given, TraceState, out _);
        bool hasBaggage = TryFind(given, Baggage, out _);
        if (hasParent && hasBaggage) return headers;

        HeaderBlockBuilder all = new HeaderBlockBuilder().AddAll(given);
        Propagator.Inject(activity, all, (_, key, value) =>
        {
            if (key == Baggage ? !hasBaggage : !hasParent) all.Add(key, value);
        });
        return all.Block.Encoded.ToArray();
    }

    /// <summary>The context in encoded headers; null when there is none, or none that can be read.</summary>
    public static ActivityContext? Of(ReadOnlySpan<byte> headers)
    {
        HeaderBlock given = Block(headers);
        if (!TryFind(given, TraceParent, out string? parent)) return null;
        TryFind(given, TraceState, out string? state);
        return Parse(parent, state);
    }

    /// <summary>The context in decoded headers; null when there is none, or none that can be read.</summary>
    public static ActivityContext? Of(IReadOnlyDictionary<string, string> headers) =>
        headers.TryGetValue(TraceParent, out string? parent) ? Parse(parent, headers.GetValueOrDefault(TraceState)) : null;

    /// <summary>Gives an activity the baggage of a message.</summary>
    public static void AddBaggage(IReadOnlyDictionary<string, string> headers, Activity activity)
    {
        if (!headers.ContainsKey(Baggage)) return;
        IEnumerable<KeyValuePair<string, string?>>? baggage = Propagator.ExtractBaggage(headers, static (carrier, key, out value, out values) =>
        {
            values = null;
            ((IReadOnlyDictionary<string, string>)carrier!).TryGetValue(key, out value);
        });
        foreach ((string key, string? value) in baggage ?? []) activity.AddBaggage(key, value);
    }

    private static ActivityContext? Parse(string? parent, string? state) =>
        ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext context) ? context : null;

    private static HeaderBlock Block(ReadOnlySpan<byte> encoded) => encoded.IsEmpty ? HeaderBlock.Empty : HeaderBlock.FromValidated(encoded);

    private static bool TryFind(HeaderBlock headers, string key, out string? value)
    {
        value = null;
        foreach (Header header in headers)
        {
            if (header.Key.SequenceEqual(Encoding.UTF8.GetBytes(key))) value = Encoding.UTF8.GetString(header.Value);
        }

        return value is not null;
    }
}
