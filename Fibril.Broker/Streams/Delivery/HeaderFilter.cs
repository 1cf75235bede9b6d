using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>Which records a subscription wants: every clause must match a header (P-25 to P-28). Works on stored bytes; immutable.</summary>
internal sealed class HeaderFilter
{
    private readonly Clause[] _clauses;

    private HeaderFilter(Clause[] clauses) => _clauses = clauses;

    /// <summary>Null for a filter without clauses, which every record passes.</summary>
    public static HeaderFilter? Of(IReadOnlyList<FilterClause> clauses) => clauses.Count == 0 ? null : new HeaderFilter(
        [.. clauses.Select(static clause => new Clause(Encoding.UTF8.GetBytes(clause.Header), new HeaderPattern(clause.Pattern)))]);

    /// <param name="tail">Content type, headers and payload, as they are stored.</param>
    public bool Passes(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> headers = tail[MessageTail.HeadersAt(tail)..];
        foreach (Clause clause in _clauses)
        {
            if (!Passes(clause, headers)) return false;
        }

        return true;
    }

    /// <summary>Of a repeated key the last value counts.</summary>
    private static bool Passes(in Clause clause, ReadOnlySpan<byte> headers)
    {
        uint count = BinaryPrimitives.ReadUInt32BigEndian(headers);
        headers = headers[sizeof(uint)..];
        bool isThere = false;
        ReadOnlySpan<byte> value = default;
        for (; count > 0; count--)
        {
            bool isMeant = Take(ref headers).SequenceEqual(clause.Header);
            ReadOnlySpan<byte> text = Take(ref headers);
            if (!isMeant) continue;
            isThere = true;
            value = text;
        }

        return isThere && clause.Pattern.Matches(value);
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> headers)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(headers);
        ReadOnlySpan<byte> text = headers.Slice(sizeof(int), length);
        headers = headers[(sizeof(int) + length)..];
        return text;
    }

    private readonly record struct Clause(byte[] Header, HeaderPattern Pattern);
}
