namespace Fibril.Protocol;

/// <summary>Header namespaces of the server and of client libraries (section 8.4).</summary>
public static class ReservedHeaders
{
    /// <summary>Retry count on queue deliveries from the second attempt on.</summary>
    public static ReadOnlySpan<byte> Retries => "fibril.retries"u8;

    /// <summary>On records of a speculative stream: what is delivered may vanish in a crash.</summary>
    public static ReadOnlySpan<byte> Speculative => "fibril.speculative"u8;

    /// <summary>Which producer a message is of: an opaque text.</summary>
    public static ReadOnlySpan<byte> ProducerId => "fibril.client.producer_id"u8;

    /// <summary>The producer's number for the message: decimal, from 0 on, and the same again on every retry.</summary>
    public static ReadOnlySpan<byte> ProducerSequence => "fibril.client.producer_seq"u8;

    /// <summary>True when a publish must not carry <paramref name="key"/>: a case-sensitive prefix test (HDR-1).</summary>
    public static bool IsReserved(ReadOnlySpan<byte> key) =>
        key.StartsWith("stroma."u8) || (key.StartsWith("fibril."u8) && !key.StartsWith("fibril.client."u8));

    /// <summary>True for <c>content-type</c> in any ASCII case, which becomes the content type (PUB-2).</summary>
    public static bool IsContentType(ReadOnlySpan<byte> key) =>
        key.Length == 12 && System.Text.Ascii.EqualsIgnoreCase(key, "content-type"u8);
}
