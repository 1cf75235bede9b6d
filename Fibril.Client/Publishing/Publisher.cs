using Fibril.Client.Connection;
using Fibril.Client.Publishing;
using Fibril.Client.Routing;
using Fibril.Client.Serialization;
using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Publishes to one queue or stream. Made by <see cref="FibrilClient.CreatePublisher"/>; costs little and needs no disposal. Thread-safe.</summary>
/// <remarks>
/// <para>
/// Three ways to publish. <c>PublishAsync</c> waits until the broker has stored the message as durably as the queue promises.
/// <c>BeginPublishAsync</c> returns as soon as the message is on its way, with a handle to await later: the fast way to publish many messages
/// safely. <c>SendAsync</c> asks for no confirmation: a message can get lost without anyone noticing, and a refused one ends the connection.
/// </para>
/// <para>
/// Calls made one after the other reach a partition in that order. A call waits when too much is unsent or unconfirmed, at most for the
/// operation timeout.
/// </para>
/// <para>
/// A call that finds no connection makes one attempt to connect. <c>PublishAsync</c> also follows partitions to their owner, and tries again for
/// <see cref="FibrilClientOptions.RetryTimeout"/> as long as the message certainly was not stored; <c>BeginPublishAsync</c> does so until the message
/// is on its way. A message whose confirmation got lost is never sent again by itself: it may be stored. Where that must not
/// matter there is <see cref="ReliablePublisher"/>.
/// </para>
/// </remarks>
public sealed partial class Publisher
{
    private readonly FibrilClient _client;
    private readonly QueueAddress _queue;
    private readonly ulong? _defaultTtlMs;
    private readonly WireContentType? _defaultContentType;
    private PublishRoute _route = PublishRoute.Empty;
    private uint _nextPartition;

    internal Publisher(FibrilClient client, QueueAddress queue, PublisherOptions options)
    {
        _client = client;
        _queue = queue;
        _defaultTtlMs = ToMilliseconds(options.DefaultTimeToLive, nameof(PublisherOptions.DefaultTimeToLive));
        _defaultContentType = options.DefaultContentType is null ? null : WireContentType.Parse(options.DefaultContentType);
    }

    /// <summary>Topic of the queue or stream.</summary>
    public string Topic => _queue.Topic;

    /// <summary>Namespace of the queue; null for none.</summary>
    public string? Group => _queue.Group;

    /// <summary>Publishes a message and waits until the broker has stored it.</summary>
    /// <param name="payload">Read only until the returned task completes.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is on its way is still published.</param>
    /// <returns>The message's offset in its partition. To be awaited once.</returns>
    /// <exception cref="ArgumentException">The properties contradict each other, or the message is too large for a frame.</exception>
    /// <exception cref="FibrilServerException">The broker refused the message; it is not stored.</exception>
    /// <exception cref="FibrilRedirectLimitException">The brokers do not agree on who owns the partition; the message is not stored.</exception>
    /// <exception cref="FibrilConnectionException">
    /// No connection. <see cref="FibrilConnectionException.IsOutcomeUnknown"/> says whether the message may be stored.
    /// </exception>
    /// <exception cref="FibrilTimeoutException">No answer, or no room to send, within the operation timeout.</exception>
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

    /// <summary>Publishes a message and returns when it is on its way.</summary>
    /// <param name="payload">Read only until the returned task completes.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting for room; the message is not published then.</param>
    /// <returns>Completes, mostly at once, with the handle to await the confirmation by.</returns>
    /// <inheritdoc cref="PublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/exception"/>
    public ValueTask<PublishConfirmation> BeginPublishAsync(
        ReadOnlyMemory<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Begin(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);

    /// <param name="payload">Copied before the call returns.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">As of the overload for memory.</param>
    /// <inheritdoc cref="BeginPublishAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/summary | /returns | /exception"/>
    public ValueTask<PublishConfirmation> BeginPublishAsync(
        ReadOnlySpan<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Begin(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);

    /// <summary>Publishes a message without asking for a confirmation.</summary>
    /// <param name="payload">Read only until the returned task completes.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">Ends the waiting for room; the message is not published then.</param>
    /// <returns>Completes, mostly at once, when the client has taken the message. It may get lost without anyone noticing.</returns>
    /// <exception cref="ArgumentException">The properties contradict each other, or the message is too large for a frame.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone; the message was not sent.</exception>
    /// <exception cref="FibrilTimeoutException">No room to send within the operation timeout.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Send(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);

    /// <param name="payload">Copied before the call returns.</param>
    /// <param name="properties">Null for none.</param>
    /// <param name="cancellationToken">As of the overload for memory.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageProperties?, CancellationToken)" path="/summary | /returns | /exception"/>
    public ValueTask SendAsync(
        ReadOnlySpan<byte> payload, MessageProperties? properties = null, CancellationToken cancellationToken = default) =>
        Send(new OutgoingPayload(payload), properties, contentType: null, cancellationToken);
}
