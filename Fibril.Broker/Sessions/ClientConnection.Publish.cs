using System.Text;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Storage;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions.Routing;
using Fibril.Broker.Streams;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection : IPublishSink
{
    private const int LargestBatchBytes = 128 << 10;
    private const int MagicBytes = 4;
    private const int MsBetweenLooks = 1000;

    private HeaderBlockBuilder? _rewrittenHeaders;

    void ISessionOutput.Flush() => _output.Flush();

    void IPublishSink.Confirmed(PublishBatch batch) => _output.Confirm(batch);

    void IPublishSink.Failed(PublishBatch batch, ErrorCode code, string message)
    {
        foreach (ConfirmRequest confirm in batch.Confirms) _output.Error(OpCode.Error, confirm.RequestId, code, message);
    }

    private FrameOutcome Publish(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out PublishMessage publish, out DecodeError error)) return Malformed(requestId, OpCode.Publish, error);
        var message = new NewMessage
        {
            Published = publish.Published,
            ContentType = publish.ContentType,
            Headers = publish.Headers,
            Payload = publish.Payload,
        };
        if (!TryAcceptHeaders(requestId, ref message)) return FrameOutcome.Done;
        if (!_routes.TryFind(RouteKey(body, publish.Topic, publish.Group), out PartitionRoute? route)) return FrameOutcome.MustWait;
        if (route.Denial is not null) return RefusePublish(requestId, route, publish.RequireConfirm);
        if (route.Target is not { } partition) return FrameOutcome.MustWait;

        // A stream ignores a time to live, which publishers with a default one send everywhere (PUB-8).
        if (partition is QueuePartition queue) message.Deadline = DeadlineOf(publish.TtlMs, queue);
        return Add(route, in message, publish.RequireConfirm ? requestId : null);
    }

    private FrameOutcome PublishDelayed(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out PublishDelayedMessage publish, out DecodeError error)) return Malformed(requestId, OpCode.PublishDelayed, error);
        var message = new NewMessage
        {
            Published = publish.Published,
            ContentType = publish.ContentType,
            Headers = publish.Headers,
            Payload = publish.Payload,
            NotBefore = publish.NotBefore <= (ulong)_receivedMs ? 0 : ToUnixMs(publish.NotBefore),
        };
        if (!TryAcceptHeaders(requestId, ref message)) return FrameOutcome.Done;
        if (!_routes.TryFind(RouteKey(body, publish.Topic, publish.Group), out PartitionRoute? route)) return FrameOutcome.MustWait;
        if (route.Denial is not null) return RefusePublish(requestId, route, publish.RequireConfirm);
        if (route.Target is not { } partition) return FrameOutcome.MustWait;

        if (partition is not QueuePartition queue)
        {
            Refuse(requestId, ErrorCode.Invalid, $"Stream {partition.Id.Queue.Topic} takes no delayed messages; publish it without a delay.");
            return FrameOutcome.Done;
        }

        message.Deadline = DeadlineOf(null, queue);
        return Add(route, in message, publish.RequireConfirm ? requestId : null);
    }

    /// <summary>A queue that this connection has not published to for a while need not stay loaded for it (I-21). Looked at once a second.</summary>
    private void EndIdlePublishers()
    {
        TimeSpan timeout = _environment.Options.PublisherIdleTimeout;
        if (timeout == TimeSpan.Zero || _receivedMs - _publishersLookedAtMs < MsBetweenLooks) return;
        _publishersLookedAtMs = _receivedMs;
        _routes.EndPublishersIdleSince(_receivedMs - (long)timeout.TotalMilliseconds);
    }

    /// <summary>Adds a message to the run for its partition; must wait when a full run cannot be handed over yet.</summary>
    private FrameOutcome Add(PartitionRoute route, in NewMessage message, ulong? confirmId)
    {
        route.LastPublishMs = _receivedMs;
        if (route.Publishes is { } open)
        {
            if (open.TryAdd(in message, _receivedMs, confirmId))
            {
                _publishedCount++;
                return FrameOutcome.Done;
            }

            if (!route.Collector.TryPost(open)) return FrameOutcome.MustWait;
        }
        else
        {
            Collect(route);
        }

        // Sized by what was received and not yet looked at: a lone message gets a small block, a flood a large one.
        int needed = Log.Records.RecordHeader.AlignedSize(MessageRecord.Measure(in message));
        int expected = (int)Math.Min(_bytesAhead + (_bytesAhead / 4), LargestBatchBytes);
        route.Publishes = PublishBatch.Rent(this, Math.Max(needed, expected), _environment.Time.GetTimestamp());
        route.Publishes.TryAdd(in message, _receivedMs, confirmId);
        _publishedCount++;
        return FrameOutcome.Done;
    }

    /// <summary>Finds and opens the partition that a publish names, then lets the frame be handled again.</summary>
    private async Task<FrameOutcome> OpenRouteAsync(FrameHeader header, ReadOnlyMemory<byte> body)
    {
        (byte[] key, PartitionId id, bool wantsConfirm) = ReadTarget(header.OpCode, body.Span);
        if (!_routes.TryFind(key, out PartitionRoute? route))
            route = _routes.Add(key, WithoutGroupOfStream(id));

        route.Denial = ExplainDenial(id.Queue.Topic, TopicOperations.Publish);
        if (route.Denial is not null) return RefusePublish(header.RequestId, route, wantsConfirm);
        if (route.Target is not null) return Handle(header, body.Span);
        try
        {
            bool ledToStream = route.LedToStream;
            route.EndPublisher();
            await BeginPublisherAsync(route, ledToStream);
            return Handle(header, body.Span);
        }
        catch (Exception fault) when (!wantsConfirm && fault is PartitionUnavailableException or IOException)
        {
            _lost.Note(id, fault.Message, _receivedMs);
            return FrameOutcome.Done;
        }
    }

    /// <summary>Refuses a message that the user may not publish. An error under an id that nobody waits for would end the client's connection .</summary>
    private FrameOutcome RefusePublish(ulong requestId, PartitionRoute route, bool wantsConfirm)
    {
        if (wantsConfirm) Refuse(requestId, ErrorCode.Unauthenticated, route.Denial!);
        else _lost.Note(route.Id, route.Denial!, _receivedMs);
        return FrameOutcome.Done;
    }

    private async ValueTask BeginPublisherAsync(PartitionRoute route, bool ledToStream)
    {
        // What was a stream does not become a queue by being published to once more.
        if (ledToStream || _environment.Streams.Has(route.Id.Queue.Topic))
        {
            PartitionLease<StreamPartition> lease = await _environment.Streams.AcquireAsync(route.Id, PartitionUse.Publish);
            route.BeginPublisher(lease, lease.Partition);
        }
        else
        {
            PartitionLease<QueuePartition> lease = await _environment.Queues.AcquireAsync(route.Id, PartitionUse.Publish);
            route.BeginPublisher(lease, lease.Partition);
        }
    }

    /// <summary>A topic that is a stream takes the stream's way, whatever the group (PUB-3).</summary>
    private PartitionId WithoutGroupOfStream(PartitionId id) =>
        id.Queue.Group is not null && _environment.Streams.Has(id.Queue.Topic) ? id with { Queue = new QueueName(id.Queue.Topic, null) } : id;

    /// <exception cref="ArgumentException">The topic or group is not a legal name; the message is fit for clients.</exception>
    private static (byte[] Key, PartitionId Id, bool WantsConfirm) ReadTarget(OpCode opCode, ReadOnlySpan<byte> body)
    {
        if (opCode == OpCode.Publish)
        {
            Frame.TryRead(body, out PublishMessage publish, out _);
            PartitionId id = ChannelNames.ToPartitionId(publish.Topic, publish.Group, publish.Partition);
            return (RouteKey(body, publish.Topic, publish.Group).ToArray(), id, publish.RequireConfirm);
        }

        Frame.TryRead(body, out PublishDelayedMessage delayed, out _);
        PartitionId target = ChannelNames.ToPartitionId(delayed.Topic, delayed.Group, delayed.Partition);
        return (RouteKey(body, delayed.Topic, delayed.Group).ToArray(), target, delayed.RequireConfirm);
    }

    /// <summary>Refuses reserved keys and turns a content-type header into the content type (PUB-2, section 8.4).</summary>
    private bool TryAcceptHeaders(ulong requestId, ref NewMessage message)
    {
        bool namesContentType = false;
        foreach (Header header in message.Headers)
        {
            if (ReservedHeaders.IsReserved(header.Key))
            {
                Refuse(
                    requestId, ErrorCode.Invalid,
                    $"The header {ChannelNames.ForLog(Encoding.UTF8.GetString(header.Key))} is reserved for the broker; use a key that does not start with 'fibril.' or 'stroma.'.");
                return false;
            }

            message.HasProducer |= header.Key.SequenceEqual(ReservedHeaders.ProducerId);
            namesContentType |= ReservedHeaders.IsContentType(header.Key);
        }

        if (namesContentType) TakeOutContentType(ref message);
        return true;
    }

    private void TakeOutContentType(ref NewMessage message)
    {
        _rewrittenHeaders ??= new HeaderBlockBuilder();
        _rewrittenHeaders.Clear();
        ReadOnlySpan<byte> value = default;
        foreach (Header header in message.Headers)
        {
            if (ReservedHeaders.IsContentType(header.Key)) value = header.Value;
            else _rewrittenHeaders.Add(header.Key, header.Value);
        }

        message.Headers = _rewrittenHeaders.Block;
        if (message.ContentType.Kind == ContentTypeKind.None) message.ContentType = ContentType.FromHeader(value);
    }

    /// <summary>Counted from receipt on the broker's clock; the message's own time wins over the queue's (D-10, D-11).</summary>
    private long? DeadlineOf(ulong? ttlMs, QueuePartition partition)
    {
        if (ttlMs is not { } ttl) return partition.Settings.DeadlineFrom(_receivedMs);
        return ToUnixMs((ulong)_receivedMs + Math.Min(ttl, long.MaxValue));
    }

    private static long ToUnixMs(ulong value) => (long)Math.Min(value, long.MaxValue);

    /// <summary>The bytes of topic, group and partition, which stand together right behind the magic (ENC-1).</summary>
    private static ReadOnlySpan<byte> RouteKey(ReadOnlySpan<byte> body, ReadOnlySpan<byte> topic, OptionalUtf8 group) =>
        body.Slice(MagicBytes, 4 + topic.Length + group.Measure() + 4);
}
