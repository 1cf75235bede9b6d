using System.Buffers;
using System.Runtime.CompilerServices;
using Fibril.Client.Connection;
using Fibril.Client.Publishing;
using Fibril.Client.Routing;
using Fibril.Client.Telemetry;
using Fibril.Protocol;

namespace Fibril.Client;

// A confirmed publish keeps its payload until it knows the outcome, because it may have to send it again. The boxes of its state machine are
// used again, so waiting for a confirmation still allocates nothing. What is reported is one operation, however many attempts it takes.
public sealed partial class Publisher
{
    /// <summary>Publishes until the broker has confirmed, or another attempt cannot help or would come too late.</summary>
    /// <param name="envelope">As of now; the partition is chosen anew when the channel was split anew.</param>
    /// <param name="payload">The same for every attempt.</param>
    /// <param name="rented">What the payload lies in when it was copied; given back.</param>
    /// <param name="retry">After which failures.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<long> PublishAsync(
        Envelope envelope, ReadOnlyMemory<byte> payload, byte[]? rented, PublishRetry retry, CancellationToken cancellationToken)
    {
        var attempts = new PublishAttempts(retry, _client.Time.GetTimestamp());
        ClientOperation? operation = StartSend(ref envelope);
        try
        {
            while (true)
            {
                FibrilException failure;
                try
                {
                    if (!_client.IsOpen) envelope = await OpenAsync(envelope, cancellationToken).ConfigureAwait(false);
                    BrokerSession session = SessionFor(envelope.Partition);
                    FibrilConnection connection = session.Live
                        ?? await _client.Pool.ConnectAsync(session, cancellationToken).ConfigureAwait(false);
                    operation?.GoesTo(connection.Endpoint, envelope.Partition);
                    if (connection.TryPublish(in envelope, new OutgoingPayload(payload), PublishMode.Confirmed, out PublishReply? reply, out _))
                    {
                        long offset = await reply!.AsValueTask(cancellationToken).ConfigureAwait(false);
                        operation?.End(offset);
                        return offset;
                    }

                    failure = connection.NotConnected();
                }
                catch (FibrilException unsuccessful)
                {
                    failure = unsuccessful;
                }

                if (attempts.Next(_client, ref failure) is not { } delay) throw failure;
                await PrepareAsync(failure, delay, cancellationToken).ConfigureAwait(false);
                envelope = Reroute(in envelope);
            }
        }
        catch (Exception failure) when (operation is not null)
        {
            operation.End(failure);
            throw;
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Connects, for a while, and sends; what becomes of the message then is the confirmation's .</summary>
    private async ValueTask<PublishConfirmation> BeginWhenConnectedAsync(
        Envelope envelope, ReadOnlyMemory<byte> payload, byte[]? rented, CancellationToken cancellationToken)
    {
        var attempts = new PublishAttempts(PublishRetry.Plain, _client.Time.GetTimestamp());
        ClientOperation? operation = StartSend(ref envelope);
        envelope = envelope with { Operation = operation };
        try
        {
            while (true)
            {
                FibrilException failure;
                try
                {
                    if (!_client.IsOpen) envelope = await OpenAsync(envelope, cancellationToken).ConfigureAwait(false);
                    FibrilConnection connection =
                        await _client.Pool.ConnectAsync(SessionFor(envelope.Partition), cancellationToken).ConfigureAwait(false);
                    operation?.GoesTo(connection.Endpoint, envelope.Partition);
                    if (connection.TryPublish(
                        in envelope, new OutgoingPayload(payload), PublishMode.Pipelined, out PublishReply? reply, out WaitingPublish? waiting))
                    {
                        if (waiting is not null) await waiting.WhenWrittenAsync(cancellationToken).ConfigureAwait(false);
                        return new PublishConfirmation(reply!);
                    }

                    failure = connection.NotConnected();
                }
                catch (FibrilException unsuccessful)
                {
                    failure = unsuccessful;
                }

                if (attempts.Next(_client, ref failure) is not { } delay) throw failure;
                await PrepareAsync(failure, delay, cancellationToken).ConfigureAwait(false);
                envelope = Reroute(in envelope);
            }
        }
        catch (Exception failure) when (operation is not null)
        {
            operation.End(failure);
            throw;
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Connects, once, and sends .</summary>
    private async ValueTask SendWhenConnectedAsync(
        Envelope envelope, ReadOnlyMemory<byte> payload, byte[]? rented, CancellationToken cancellationToken)
    {
        ClientOperation? operation = StartSend(ref envelope);
        try
        {
            if (!_client.IsOpen) envelope = await OpenAsync(envelope, cancellationToken).ConfigureAwait(false);
            FibrilConnection connection =
                await _client.Pool.ConnectAsync(SessionFor(envelope.Partition), cancellationToken).ConfigureAwait(false);
            operation?.GoesTo(connection.Endpoint, envelope.Partition);
            if (!connection.TryPublish(in envelope, new OutgoingPayload(payload), PublishMode.Unconfirmed, out _, out WaitingPublish? waiting))
                throw connection.NotConnected();
            if (waiting is not null) await waiting.WhenWrittenAsync(cancellationToken).ConfigureAwait(false);
            operation?.End();
        }
        catch (Exception failure) when (operation is not null)
        {
            operation.End(failure);
            throw;
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private ClientOperation? StartSend(ref Envelope envelope) => _client.Context.Telemetry.StartSend(ref envelope, _client.Time);

    /// <summary>Waits, and sees whether the topology has changed.</summary>
    /// <exception cref="FibrilServerException">There is no such channel any more: no attempt will help .</exception>
    private async ValueTask PrepareAsync(FibrilException failure, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay > TimeSpan.Zero) await Task.Delay(delay, _client.Time, cancellationToken).ConfigureAwait(false);
        if (failure is FibrilRedirectException redirect && redirect.PartitioningVersion <= CurrentRoute().Channel.PartitioningVersion)
            return; // the owner is noted, and there is nothing else to learn
        await _client.Fetcher.RefreshAsync(_client.Pool, _queue, cancellationToken).ConfigureAwait(false);
        RoutingTable table = _client.Routing;
        if (table.IsAuthoritative && table.TryFind(_queue.Key) is null)
            throw new FibrilServerException(ErrorCode.NotFound, "the topology of the cluster does not show it any more", $"the publish to {_queue}");
    }

    /// <summary>Connects for the first time, after which the partition can be chosen.</summary>
    private async ValueTask<Envelope> OpenAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        await _client.OpenAsync(cancellationToken).ConfigureAwait(false);
        ChannelRouting channel = CurrentRoute().Channel;
        return envelope with
        {
            Partition = ChoosePartition(envelope.PartitionKey, channel.PartitionCount),
            PartitioningVersion = channel.PartitioningVersion,
        };
    }

    /// <summary>The same message by the routing of now: another partition only when the channel was split anew.</summary>
    private Envelope Reroute(in Envelope envelope)
    {
        ChannelRouting channel = CurrentRoute().Channel;
        if (envelope.Partition < channel.PartitionCount && envelope.PartitioningVersion == channel.PartitioningVersion) return envelope;
        uint partition = envelope.PartitionKey is null
            ? envelope.Partition % channel.PartitionCount
            : ChoosePartition(envelope.PartitionKey, channel.PartitionCount);
        return envelope with { Partition = partition, PartitioningVersion = channel.PartitioningVersion };
    }
}
