using System.Buffers;
using System.Runtime.CompilerServices;
using Fibril.Client.Publishing;
using Fibril.Client.Serialization;

namespace Fibril.Client;

/// <summary>
/// Publishes each message until a broker has confirmed it. Made by <see cref="FibrilClient.CreateReliablePublisher"/>; needs no disposal. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Every message carries the id of this publisher and a number that stays the same however often it is sent. A broker that remembers numbers stores
/// it once and answers a copy with the offset of the first; this project's brokers remember the last 4,096 of a producer in each partition, fewer when
/// more than 32 producers share it but at least 128 of each of up to 1,024, for an hour after its last message. Any other broker stores a copy each
/// time the confirmation got lost. A message stays with its partition unless the queue is split anew while it is on its way: then a copy may be
/// stored in both.
/// </para>
/// <para>
/// A publisher that is made anew, for instance after the process ended, is another producer: what the old one had not confirmed is not its own.
/// </para>
/// <para>
/// There is a bound on how far a message may be ahead of the oldest unconfirmed one; a further call waits its turn. While brokers are out of reach
/// calls wait until they are cancelled.
/// </para>
/// </remarks>
public sealed class ReliablePublisher
{
    private readonly Publisher _publisher;
    private readonly ProducerStamp _stamp = new(Guid.NewGuid().ToString());
    private readonly NumberWindow _window;

    internal ReliablePublisher(Publisher publisher, int maxInFlight)
    {
        _publisher = publisher;
        _window = new NumberWindow(maxInFlight);
    }

    /// <summary>Topic of the queue or stream.</summary>
    public string Topic => _publisher.Topic;

    /// <summary>Namespace of the queue; null for none.</summary>
    public string? Group => _publisher.Group;

    /// <summary>What its messages carry in the header <c>fibril.client.producer_id</c>.</summary>
    public string ProducerId => _stamp.Id;

    /// <summary>Publishes a message and waits until a broker has stored it, however long that takes.</summary>
    /// <param name="payload">Read only until the returned task completes.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. Whether the message is stored is unknown then.</param>
    /// <returns>The message's offset in its partition. To be awaited once.</returns>
    /// <exception cref="ArgumentException">The properties contradict each other, or the message is too large for a frame.</exception>
    /// <exception cref="FibrilServerException">The broker refused the message for a reason that stays; it is not stored.</exception>
    public ValueTask<long> PublishAsync(
        ReadOnlyMemory<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Publish(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);

    /// <param name="payload">Copied before the call returns.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">As of the overload for memory.</param>
    /// <inheritdoc cref="PublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/summary | /returns | /exception"/>
    public ValueTask<long> PublishAsync(
        ReadOnlySpan<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Publish(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);

    /// <param name="value">Serialized before the call returns.</param>
    /// <param name="serializer">Also gives the content type, unless the properties do.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">As of the overload for memory.</param>
    /// <exception cref="FibrilSerializationException">The value cannot be serialized.</exception>
    /// <inheritdoc cref="PublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/summary | /returns | /exception"/>
    public ValueTask<long> PublishAsync<T>(
        T value, MessageSerializer<T> serializer, MessageProperties? properties = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        PayloadWriter payload = serializer.ToPayload(value);
        try
        {
            return Publish(new OutgoingPayload(payload.Written), properties, serializer.WireContentType, cancellationToken);
        }
        finally
        {
            PayloadWriter.Return(payload);
        }
    }

    private ValueTask<long> Publish(
        scoped OutgoingPayload payload, MessageProperties? properties, WireContentType? contentType, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<long>(cancellationToken);
        ReadOnlyMemory<byte> kept = payload.Keep(out byte[]? rented);
        return PublishInTurnAsync(kept, rented, properties, contentType, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> PublishInTurnAsync(
        ReadOnlyMemory<byte> payload, byte[]? rented, MessageProperties? properties, WireContentType? contentType,
        CancellationToken cancellationToken)
    {
        byte[]? rentedHeaders = null;
        bool isIn = false;
        ulong? number = null;
        try
        {
            await _window.EnterAsync(cancellationToken).ConfigureAwait(false);
            isIn = true;
            Envelope envelope = _publisher.Seal(properties, contentType);
            envelope = envelope with { Headers = _stamp.Next(envelope.Headers.Span, out rentedHeaders, out ulong own) };
            number = own;
            return await _publisher.PublishAsync(envelope, payload, rented: null, PublishRetry.Stamped, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (number is { } taken) _window.Finish(taken);
            else if (isIn) _window.Leave();
            if (rentedHeaders is not null) ArrayPool<byte>.Shared.Return(rentedHeaders);
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
