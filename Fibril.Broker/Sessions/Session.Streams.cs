using System.Collections.Concurrent;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// Stream subscriptions are never reconciled: a client subscribes anew, and its cursor does the rest (P-20, RES-7). There may be several to one
// partition. Those that have ended stay for the time of grace, because what they delivered may still be acknowledged, or until their
// slots are needed.
internal sealed partial class Session
{
    private readonly ConcurrentDictionary<PartitionId, StreamSessionSubscription[]> _streams = new();

    /// <summary>The stream subscriptions to a partition, those that have ended lately included.</summary>
    public StreamSessionSubscription[] FindStreams(PartitionId id) => _streams.GetValueOrDefault(id, []);

    /// <summary>Subscribes to a stream for a connection, and answers it.</summary>
    /// <param name="connection">Who asks. Only the connection that the session is attached to can have deliveries.</param>
    /// <param name="requestId">What SUBSCRIBE_OK answers.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="lease">The partition, which the subscription takes over.</param>
    /// <exception cref="SubscribeRefusedException">The session has moved on; the message is fit for clients.</exception>
    public async Task SubscribeStreamAsync(
        ClientConnection connection, ulong requestId, SubscribeStreamMessage request, PartitionLease<StreamPartition> lease)
    {
        using Entry entry = await EnterAsync();
        if (_isOver || _connection != connection)
            throw new SubscribeRefusedException("This session goes on with a newer connection; subscribe there.");

        PartitionId id = lease.Partition.Id;
        StreamSessionSubscription[] present = WithRoom(WithoutDeleted(id));
        ulong number = NextNumber(present);
        var subscription = new StreamSessionSubscription(
            lease, number, SlotOf(number), request, $"{connection.Describe()}, subscription {number}", HandleClosed)
        {
            StartedAt = _registry.Time.GetTimestamp(),
        };
        _streams[id] = [.. present, subscription];
        Interlocked.Increment(ref _version);
        _registry.Store.Put(Identity.ClientId, Identity.ResumeToken, UserName);

        // The reply is queued before the partition learns of the subscription, so no delivery can overtake it.
        connection.Output.Reply(requestId, new SubscribeOkMessage(
            subscription.Id, request.Topic, request.Partition, Group: null, Math.Max(1, request.Prefetch),
            ConsumerGroup: null, ConsumerTarget: null, MemberId: null));
        subscription.Claim(connection.Output);
        await lease.Partition.PostAsync(new SubscribeStreamCommand(subscription.Stream), CancellationToken.None);
    }

    private static int SlotOf(ulong number) => (int)(number % StreamTags.SlotCount);

    /// <summary>The next subscription id whose slot no other subscription to the partition has.</summary>
    private ulong NextNumber(StreamSessionSubscription[] present)
    {
        if (present.Length >= StreamTags.SlotCount)
            throw new SubscribeRefusedException($"This session has {present.Length} subscriptions to that partition, the most it may have.");
        ulong number = _nextSubscriptionId;
        while (Array.Exists(present, other => other.Slot == SlotOf(number))) number++;
        _nextSubscriptionId = number + 1;
        return number;
    }

    /// <summary>Forgets the subscriptions to a partition that is gone: nothing of them can be acknowledged.</summary>
    private StreamSessionSubscription[] WithoutDeleted(PartitionId id)
    {
        StreamSessionSubscription[] present = FindStreams(id);
        foreach (StreamSessionSubscription gone in present.Where(static other => other.Partition.IsOver)) gone.Lease.Dispose();
        return [.. present.Where(static other => !other.Partition.IsOver)];
    }

    /// <summary>When there is no room for another one, the earliest that has ended goes.</summary>
    private static StreamSessionSubscription[] WithRoom(StreamSessionSubscription[] present)
    {
        if (present.Length < StreamTags.SlotCount || Array.Find(present, static other => other.IsClosed) is not { } earliest) return present;
        earliest.Lease.Dispose();
        return [.. present.Where(other => other != earliest)];
    }

    private void HandleClosed(StreamSessionSubscription subscription) => _registry.Run(HandleClosedAsync(subscription));

    /// <summary>A partition has ended a subscription: what comes after the partition is not in use by it.</summary>
    private async Task HandleClosedAsync(StreamSessionSubscription subscription)
    {
        using Entry entry = await EnterAsync();
        subscription.Lease.Dispose();
        if (_isOver) return;
        if (subscription.Partition.IsOver) Keep(subscription.Partition.Id, WithoutDeleted(subscription.Partition.Id));
        else if (_connection is not null && _due is null) StartDeadline(ClaimTime);
    }

    private void Keep(PartitionId id, StreamSessionSubscription[] kept)
    {
        if (kept.Length > 0) _streams[id] = kept;
        else _streams.TryRemove(id, out _);
        Interlocked.Increment(ref _version);
    }

    /// <summary>Ends every stream subscription that there is now, and remembers it until the time of grace is over.</summary>
    private async Task EndStreamsAsync()
    {
        foreach (StreamSessionSubscription subscription in AllStreams()) await subscription.EndAsync();
    }

    /// <summary>Forgets the stream subscriptions that have ended.</summary>
    private void ForgetEndedStreams()
    {
        foreach (PartitionId id in _streams.Keys)
        {
            StreamSessionSubscription[] all = FindStreams(id);
            foreach (StreamSessionSubscription ended in all.Where(static other => other.IsClosed)) ended.Lease.Dispose();
            Keep(id, [.. all.Where(static other => !other.IsClosed)]);
        }
    }

    private IEnumerable<StreamSessionSubscription> AllStreams() => _streams.Values.SelectMany(static all => all);
}
