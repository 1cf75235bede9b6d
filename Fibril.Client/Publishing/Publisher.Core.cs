using Fibril.Client.Connection;
using Fibril.Client.Publishing;
using Fibril.Client.Routing;
using Fibril.Client.Serialization;
using Fibril.Protocol;

namespace Fibril.Client;

// The way without waiting has no state machine and allocates nothing; a call that has to wait for room takes another one.
public sealed partial class Publisher
{
    private ValueTask<long> Publish(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<long>(cancellationToken);
        FibrilConnection connection = Seal(properties, contentType, out Envelope envelope);
        return connection.TryPublish(in envelope, payload, PublishMode.Confirmed, out PublishReply? reply, out _)
            ? reply!.AsValueTask(cancellationToken)
            : ValueTask.FromException<long>(connection.NotConnected());
    }

    private ValueTask<PublishConfirmation> Begin(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PublishConfirmation>(cancellationToken);
        FibrilConnection connection = Seal(properties, contentType, out Envelope envelope);
        if (!connection.TryPublish(in envelope, payload, PublishMode.Pipelined, out PublishReply? reply, out WaitingPublish? waiting))
        {
            return ValueTask.FromException<PublishConfirmation>(connection.NotConnected());
        }

        var confirmation = new PublishConfirmation(reply!);
        return waiting is null ? new ValueTask<PublishConfirmation>(confirmation) : WhenWrittenAsync(waiting, confirmation, cancellationToken);
    }

    private ValueTask Send(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        FibrilConnection connection = Seal(properties, contentType, out Envelope envelope);
        if (!connection.TryPublish(in envelope, payload, PublishMode.Unconfirmed, out _, out WaitingPublish? waiting))
        {
            return ValueTask.FromException(connection.NotConnected());
        }

        return waiting is null ? ValueTask.CompletedTask : new ValueTask(waiting.WhenWrittenAsync(cancellationToken));
    }

    private static async ValueTask<PublishConfirmation> WhenWrittenAsync(
        WaitingPublish waiting, PublishConfirmation confirmation, CancellationToken cancellationToken)
    {
        await waiting.WhenWrittenAsync(cancellationToken).ConfigureAwait(false);
        return confirmation;
    }

    /// <summary>Decides everything about a message but its payload, and who it goes to.</summary>
    private FibrilConnection Seal(MessageProperties? properties, WireContentType? contentType, out Envelope envelope)
    {
        QueueRouting routing = CurrentRouting();
        byte[]? key = properties?.WirePartitionKey;
        ulong? notBefore = properties?.ResolveNotBefore(_client.Time);
        uint partition = ChoosePartition(key, routing.PartitionCount);
        envelope = new Envelope
        {
            Queue = _queue,
            Partition = partition,
            PartitioningVersion = routing.PartitioningVersion,
            Published = UnixTime.From(_client.Time.GetUtcNow()),
            NotBefore = notBefore,
            TtlMs = ToMilliseconds(properties?.TimeToLive, nameof(MessageProperties.TimeToLive)) ?? _defaultTtlMs,
            ContentType = properties?.WireContentType ?? properties?.Headers?.ContentType ?? contentType ?? _defaultContentType,
            Headers = properties?.Headers?.Encoded,
            PartitionKey = key,
        };
        return _client.ConnectionFor(_queue, partition);
    }

    private uint ChoosePartition(byte[]? key, uint partitionCount)
    {
        if (partitionCount == 1) return 0;
        return key is null ? Interlocked.Increment(ref _nextPartition) % partitionCount : PartitionHash.Choose(key, partitionCount);
    }

    private QueueRouting CurrentRouting()
    {
        RoutingTable table = _client.Routing;
        RoutingView view = Volatile.Read(ref _routing);
        if (!ReferenceEquals(view.Table, table))
        {
            view = new RoutingView(table, table.Find(_queue));
            Volatile.Write(ref _routing, view);
        }

        return view.Routing;
    }

    private static ulong? ToMilliseconds(TimeSpan? time, string name)
    {
        if (time is not { } value) return null;
        return value >= TimeSpan.Zero
            ? (ulong)Math.Ceiling(value.TotalMilliseconds)
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use zero or more.");
    }

    /// <summary>What the table said about the queue, with the table, to see when to ask again.</summary>
    private sealed record RoutingView(RoutingTable Table, QueueRouting Routing);
}
