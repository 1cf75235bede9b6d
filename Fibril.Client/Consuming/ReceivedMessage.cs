using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;
using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>
/// One delivery of one message. Its memory is the application's own and stays valid as long as it is referenced. Reading is thread-safe;
/// so is settling, where the first call counts.
/// </summary>
public sealed partial class ReceivedMessage
{
    private const string RetriesHeader = "fibril.retries";
    private const string SpeculativeHeader = "fibril.speculative";

    private readonly SubscriptionLeg _leg;
    private readonly byte[] _bytes; // custom content type, headers, payload
    private readonly ulong _deliverId;
    private readonly ulong _tag;
    private readonly ulong _published;
    private readonly ulong _received;
    private readonly int _headersAt;
    private readonly int _payloadAt;
    private readonly ContentTypeKind _contentType;
    private IReadOnlyDictionary<string, string>? _headers;

    internal ReceivedMessage(SubscriptionLeg leg, ulong deliverId, scoped in DeliverMessage delivery)
    {
        _leg = leg;
        _deliverId = deliverId;
        _tag = delivery.DeliveryTag;
        _published = delivery.Published;
        _received = delivery.PublishReceived;
        _contentType = delivery.ContentType.Kind;
        Offset = (long)delivery.Offset;

        ReadOnlySpan<byte> customMime = delivery.ContentType.CustomMime;
        ReadOnlySpan<byte> headers = delivery.Headers.Count == 0 ? default : delivery.Headers.Encoded;
        _headersAt = customMime.Length;
        _payloadAt = _headersAt + headers.Length;
        int size = _payloadAt + delivery.Payload.Length;
        _bytes = size == 0 ? [] : GC.AllocateUninitializedArray<byte>(size);
        customMime.CopyTo(_bytes);
        headers.CopyTo(_bytes.AsSpan(_headersAt));
        delivery.Payload.CopyTo(_bytes.AsSpan(_payloadAt));
    }

    /// <summary>The bytes that were published.</summary>
    public ReadOnlyMemory<byte> Payload => _bytes.AsMemory(_payloadAt);

    /// <summary>Headers of the publisher and of the broker. Decoded at the first use; when a key was repeated the last value counts.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers ??= DecodeHeaders();

    /// <summary>MIME type of the payload as its publisher gave it; null when it gave none.</summary>
    public string? ContentType => _contentType == ContentTypeKind.Custom
        ? Encoding.UTF8.GetString(_bytes, 0, _headersAt)
        : Protocol.ContentType.Of(_contentType).ToMime();

    /// <summary>Topic of the queue or stream.</summary>
    public string Topic => _leg.Queue.Topic;

    /// <summary>What it came from.</summary>
    public ChannelKind Kind => _leg.Spec.Kind;

    /// <summary>Namespace of the queue; null for none, and for streams.</summary>
    public string? Group => _leg.Queue.Group;

    /// <summary>Partition of the queue or stream.</summary>
    public int Partition => (int)_leg.Partition;

    /// <summary>Number of the message in its partition: good for logs, no identity to store.</summary>
    public long Offset { get; }

    /// <summary>When it was published, by the publisher's clock; null when it did not say.</summary>
    public DateTimeOffset? PublishedAt => _published == 0 ? null : UnixTime.ToDateTimeOffset(_published);

    /// <summary>When the broker received it, by the broker's clock.</summary>
    public DateTimeOffset ReceivedAt => UnixTime.ToDateTimeOffset(_received);

    /// <summary>How often this message was retried before; 0 on its first delivery.</summary>
    public int Retries => _headersAt != _payloadAt
        && Headers.TryGetValue(RetriesHeader, out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int retries) ? retries : 0;

    /// <summary>True for a record of a speculative stream: it was delivered before it was durable, and may vanish if its broker crashes.</summary>
    public bool IsSpeculative => _headersAt != _payloadAt && Headers.ContainsKey(SpeculativeHeader);

    /// <inheritdoc/>
    public override string ToString() => $"message {Offset} of {_leg}";

    private IReadOnlyDictionary<string, string> DecodeHeaders()
    {
        if (_headersAt == _payloadAt) return ReadOnlyDictionary<string, string>.Empty;
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Header header in HeaderBlock.FromValidated(_bytes.AsSpan(_headersAt, _payloadAt - _headersAt)))
        {
            headers[Encoding.UTF8.GetString(header.Key)] = Encoding.UTF8.GetString(header.Value);
        }

        return headers;
    }
}
