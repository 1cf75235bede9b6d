using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Failures;

/// <summary>What a fingerprint was made of, besides the reason and the source.</summary>
internal enum FailureBasis
{
    /// <summary>Headers that tell of an error.</summary>
    Headers,

    /// <summary>What the payload looks like, as no header tells of an error.</summary>
    PayloadShape,
}

/// <summary>A short name for the cause of a failure: the same for dead letters of the same cause. Pure.</summary>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Basis">What it was made of.</param>
/// <param name="Title">What people read.</param>
/// <remarks>
/// What goes in: the reason, the topic and group that the message failed in, and then either every header of the user whose key contains <c>exception</c> or <c>error</c>
/// in any case (keys in lower case and in order, of a key that came twice the last value, values as <see cref="FailureText"/> leaves them), or, when there is none, the
/// <see cref="PayloadShape"/>. Nothing else: not the offset, not the time, not the retries. So it is the same after a restart, on another broker, and for a script.
/// </remarks>
internal sealed record FailureFingerprint(string Id, FailureBasis Basis, string Title)
{
    /// <summary>Characters of <see cref="Id"/>.</summary>
    public const int Length = 16;

    private const int LongestTitle = 200;
    private const int MostHeaders = 16;

    // Goes in first: another way to make fingerprints must not make the same ones.
    private const string Version = "1";

    /// <param name="source">Where the dead letter comes from.</param>
    /// <param name="record">The dead letter; valid for the call.</param>
    public static FailureFingerprint Of(DeadLetterSource source, in Record record)
    {
        var stored = new StoredMessage(record);
        return Of(source, stored.Headers, stored.ContentType.ToMime(), stored.Payload);
    }

    public static FailureFingerprint Of(DeadLetterSource source, HeaderBlock headers, string? contentType, ReadOnlySpan<byte> payload)
    {
        SortedDictionary<string, string> errors = ErrorsIn(headers);
        FailureBasis basis = errors.Count > 0 ? FailureBasis.Headers : FailureBasis.PayloadShape;
        IEnumerable<string> told = basis == FailureBasis.Headers
            ? errors.Take(MostHeaders).SelectMany(static error => (string[])[error.Key, error.Value])
            : [PayloadShape.Of(contentType, payload)];
        string[] parts = [Version, source.Reason ?? "", source.Queue.Topic, source.Queue.Group ?? "", basis.ToString(), .. told];
        string title = basis == FailureBasis.Headers ? string.Join("; ", errors.Select(static error => $"{error.Key}: {error.Value}")) : parts[^1];
        return new FailureFingerprint(HashOf(parts), basis, title.Length <= LongestTitle ? title : title[..LongestTitle] + "...");
    }

    /// <summary>True when a text can be a fingerprint.</summary>
    public static bool IsWellFormed(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);

    private static SortedDictionary<string, string> ErrorsIn(HeaderBlock headers)
    {
        var errors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (Header header in headers)
        {
            string key = Encoding.UTF8.GetString(header.Key).ToLowerInvariant();
            if (!key.Contains("exception", StringComparison.Ordinal) && !key.Contains("error", StringComparison.Ordinal)) continue;
            if (DeadLetterHeaders.IsBrokers(header.Key)) continue;
            errors[key] = FailureText.Normalise(Encoding.UTF8.GetString(header.Value[..Math.Min(header.Value.Length, FailureText.MostLooked)]));
        }

        return errors;
    }

    /// <summary>Each part goes in with its length, so that no two lists of parts read the same.</summary>
    private static string HashOf(string[] parts)
    {
        var encoded = new byte[parts.Sum(static part => sizeof(int) + Encoding.UTF8.GetByteCount(part))];
        Span<byte> rest = encoded;
        foreach (string part in parts)
        {
            int length = Encoding.UTF8.GetBytes(part, rest[sizeof(int)..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, length);
            rest = rest[(sizeof(int) + length)..];
        }

        return Convert.ToHexStringLower(SHA256.HashData(encoded).AsSpan(0, Length / 2));
    }
}
