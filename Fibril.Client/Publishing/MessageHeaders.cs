using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fibril.Client.Serialization;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Headers of messages to publish: text by case-sensitive key. One instance can serve any number of messages.</summary>
/// <remarks>
/// A key <c>content-type</c> in any case is the content type of the message and not a header. Not thread-safe while it is being changed;
/// publishing with it from many threads is fine.
/// </remarks>
public sealed class MessageHeaders : IEnumerable<KeyValuePair<string, string>>
{
    private readonly Dictionary<string, string> _headers = new(StringComparer.Ordinal);
    private byte[]? _encoded;

    /// <summary>Number of headers, the content type aside.</summary>
    public int Count => _headers.Count;

    /// <summary>Reads or sets one header.</summary>
    /// <exception cref="ArgumentException">The key belongs to the broker or to client libraries: <c>fibril.</c> or <c>stroma.</c></exception>
    /// <exception cref="KeyNotFoundException">There is no such header.</exception>
    public string this[string key]
    {
        get => _headers[key];
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            ArgumentNullException.ThrowIfNull(value);
            if (key.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            {
                ContentType = WireContentType.Parse(value);
                return;
            }

            if (key.StartsWith("fibril.", StringComparison.Ordinal) || key.StartsWith("stroma.", StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"The header '{key}' is reserved: keys that start with 'fibril.' or 'stroma.' are the broker's.", nameof(key));
            }

            _headers[key] = value;
            _encoded = null;
        }
    }

    internal WireContentType? ContentType { get; private set; }

    /// <summary>The headers as they are now; never changed afterwards.</summary>
    internal byte[] Encoded => _encoded ??= Encode();

    /// <summary>Sets one header; as the indexer.</summary>
    public void Add(string key, string value) => this[key] = value;

    /// <summary>Removes one header; false when there was none.</summary>
    public bool Remove(string key)
    {
        _encoded = null;
        return _headers.Remove(key);
    }

    /// <summary>Reads one header.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _headers.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _headers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private byte[] Encode()
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in _headers) builder.Add(key, value);
        return builder.Block.Encoded.ToArray();
    }
}
