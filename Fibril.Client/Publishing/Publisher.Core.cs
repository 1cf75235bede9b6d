using Fibril.Client.Connection;
using Fibril.Client.Publishing;
using Fibril.Client.Routing;
using Fibril.Client.Serialization;
using Fibril.Protocol;

namespace Fibril.Client;

// The way without waiting has no state machine of its own and allocates nothing; a call that has to wait for a connection, for room, or for
// another attempt takes another one, and so does one that somebody wants to know of.
public sealed partial class Publisher
{
    private ValueTask<long> Publish(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<long>(cancellationToken);
        Envelope envelope = Seal(properties, contentType);
        ReadOnlyMemory<byte> kept = payload.Keep(out byte[]? rented);
        return PublishAsync(envelope, kept, rented, PublishRetry.Plain, cancellationToken);
    }

    private ValueTask<PublishConfirmation> Begin(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PublishConfirmation>(cancellationToken);
        Envelope envelope = Seal(properties, contentType);
        if (TakesTheLongWay || SessionFor(envelope.Partition).Live is not { } connection
            || !connection.TryPublish(in envelope, payload, PublishMode.Pipelined, out PublishReply? reply, out WaitingPublish? waiting))
        {
            ReadOnlyMemory<byte> kept = payload.Keep(out byte[]? rented);
            return BeginWhenConnectedAsync(envelope, kept, rented, cancellationToken);
        }

        var confirmation = new PublishConfirmation(reply!);
        return waiting is null ? new ValueTask<PublishConfirmation>(confirmation) : WhenWrittenAsync(waiting, confirmation, cancellationToken);
    }

    private ValueTask Send(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        Envelope envelope = Seal(properties, contentType);
        if (TakesTheLongWay || SessionFor(envelope.Partition).Live is not { } connection
            || !connection.TryPublish(in envelope, payload, PublishMode.Unconfirmed, out _, out WaitingPublish? waiting))
        {
            ReadOnlyMemory<byte> kept = payload.Keep(out byte[]? rented);
            return SendWhenConnectedAsync(envelope, kept, rented, cancellationToken);
        }

        return waiting is null ? ValueTask.CompletedTask : new ValueTask(waiting.WhenWrittenAsync(cancellationToken));
    }

    private static async ValueTask<PublishConfirmation> WhenWrittenAsync(
        WaitingPublish waiting, PublishConfirmation confirmation, CancellationToken cancellationToken)
    {
        await waiting.WhenWrittenAsync(cancellationToken).ConfigureAwait(false);
        return confirmation;
    }

    /// <summary>Decides everything about a message but its payload.</summary>
    internal Envelope Seal(MessageProperties? properties, WireContentType? contentType)
    {
        _client.ThrowIfDisposed();
        byte[]? key = properties?.WirePartitionKey;
        ulong? notBefore = properties?.ResolveNotBefore(_client.Time);
        ChannelRouting channel = CurrentRoute().Channel;
        return new Envelope
        {
            Queue = _queue,
            Partition = ChoosePartition(key, channel.PartitionCount),
            PartitioningVersion = channel.PartitioningVersion,
            Published = UnixTime.From(_client.Time.GetUtcNow()),
            NotBefore = notBefore,
            TtlMs = ToMilliseconds(properties?.TimeToLive, nameof(MessageProperties.TimeToLive)) ?? _defaultTtlMs,
            ContentType = properties?.WireContentType ?? properties?.Headers?.ContentType ?? contentType ?? _defaultContentType,
            Headers = properties?.Headers?.Encoded ?? ReadOnlyMemory<byte>.Empty,
            PartitionKey = key,
        };
    }

    private uint ChoosePartition(byte[]? key, uint partitionCount)
    {
        if (partitionCount == 1) return 0;
        return key is null ? Interlocked.Increment(ref _nextPartition) % partitionCount : PartitionHash.Choose(key, partitionCount);
    }

    private bool TakesTheLongWay => !_client.IsOpen || _client.Context.Telemetry.IsEnabled;

    private BrokerSession SessionFor(uint partition) => CurrentRoute().SessionFor(partition, _client.Pool);

    private PublishRoute CurrentRoute()
    {
        RoutingTable table = _client.Routing;
        PublishRoute route = Volatile.Read(ref _route);
        if (ReferenceEquals(route.Table, table)) return route;
        route = new PublishRoute(table, table.Find(_queue));
        Volatile.Write(ref _route, route);
        return route;
    }

    private static ulong? ToMilliseconds(TimeSpan? time, string name)
    {
        if (time is not { } value) return null;
        return value >= TimeSpan.Zero
            ? (ulong)Math.Ceiling(value.TotalMilliseconds)
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use zero or more.");
    }
}
