using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class Session
{
    /// <summary>The live subscription to a partition; one that its partition has closed does not count (CLS-3).</summary>
    public SessionSubscription? FindLive(PartitionId id) =>
        _subscriptions.TryGetValue(id, out SessionSubscription? subscription) && !subscription.IsClosed ? subscription : null;

    /// <summary>Subscribes for a connection, and answers it.</summary>
    /// <param name="connection">Who asks. Only the connection that the session is attached to can have deliveries.</param>
    /// <param name="requestId">What SUBSCRIBE_OK answers.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="lease">The partition, which the subscription takes over.</param>
    /// <exception cref="SubscribeRefusedException">It clashes with what there is; the message is fit for clients.</exception>
    public async Task SubscribeAsync(ClientConnection connection, ulong requestId, SubscribeMessage request, PartitionLease<QueuePartition> lease)
    {
        using Entry entry = await EnterAsync();
        if (_isOver || _connection != connection)
            throw new SubscribeRefusedException("This session goes on with a newer connection; subscribe there.");

        SessionSubscription? earlier = FindLive(lease.Partition.Id);
        if (earlier is { IsClaimed: true })
        {
            throw new SubscribeRefusedException(
                $"This session has a subscription to {lease.Partition.Id} already; use that one, or open another connection.");
        }

        Guid? member = PickMember(request);
        SessionSubscription subscription = Begin(connection, lease, request, member);

        // The reply is queued before the partition learns of the subscription, so no delivery can overtake it.
        connection.Output.Reply(requestId, new SubscribeOkMessage(
            subscription.Id, request.Topic, request.Partition, request.Group, subscription.Prefetch,
            request.ConsumerGroup, request.ConsumerGroup is null ? null : request.ConsumerTarget, member));
        subscription.Claim(connection.Output);
        await lease.Partition.PostAsync(new SubscribeCommand(subscription.Queue, replaces: earlier?.Queue), CancellationToken.None);
        if (earlier is not null) Release(earlier);
    }

    /// <summary>Adds a subscription; one that it replaces keeps its leases until the partition has moved them .</summary>
    /// <exception cref="SubscribeRefusedException">The queue has another cohort.</exception>
    private SessionSubscription Begin(ClientConnection connection, PartitionLease<QueuePartition> lease, SubscribeMessage request, Guid? member)
    {
        PartitionId id = lease.Partition.Id;
        Action? leave = member is { } joining ? Join(id, request, joining) : null;
        _memberId ??= member; // a member that was refused has an id that the client never learns
        ulong number = _nextSubscriptionId++;
        var subscription = new SessionSubscription(lease, number, request, member, $"{connection.Describe()}, subscription {number}", leave, HandleClosed)
        {
            StartedAt = _registry.Time.GetTimestamp(),
        };
        if (_subscriptions.TryGetValue(id, out SessionSubscription? closed) && closed.IsClosed) Release(closed);
        _subscriptions[id] = subscription;
        Interlocked.Increment(ref _version);
        _registry.Store.Put(Identity.ClientId, Identity.ResumeToken, UserName);
        return subscription;
    }

    /// <returns>Takes the subscription out of the cohort again.</returns>
    private Action Join(PartitionId id, SubscribeMessage request, Guid member)
    {
        CohortRegistry cohorts = _registry.Queues.Cohorts;
        int? target = request.ConsumerTarget is { } wish ? (int)Math.Min(wish, int.MaxValue) : null;
        var membership = new Membership(member, target, id.Partition, this);
        if (cohorts.TryJoin(id.Queue, request.ConsumerGroup!, membership, out string present)) return () => cohorts.Leave(id.Queue, membership);
        throw new SubscribeRefusedException(
            $"Queue {id.Queue} has the exclusive consumer group '{ChannelNames.ForLog(present)}', and one is all it can have. "
            + "Join that one, or use another group of the topic.");
    }

    private async Task EndSubscriptionAsync(SessionSubscription subscription)
    {
        subscription.Close();
        await subscription.Partition.PostAsync(new UnsubscribeCommand(subscription.Queue), CancellationToken.None);
        Forget(subscription);
    }

    private void HandleClosed(SessionSubscription subscription) => _registry.Run(HandleClosedAsync(subscription));

    /// <summary>A partition has ended a subscription: what comes after the partition is not in use by it.</summary>
    private async Task HandleClosedAsync(SessionSubscription subscription)
    {
        using Entry entry = await EnterAsync();
        Release(subscription);
        if (!subscription.IsUntold) Forget(subscription);
    }

    /// <summary>Forgets what has ended, told or not: a reconciliation has said what goes on.</summary>
    private void ForgetEnded()
    {
        foreach (SessionSubscription ended in _subscriptions.Values.Where(static subscription => subscription.IsClosed)) Forget(ended);
    }

    private void Forget(SessionSubscription subscription)
    {
        if (_subscriptions.TryRemove(KeyValuePair.Create(subscription.Partition.Id, subscription))) Interlocked.Increment(ref _version);
        Release(subscription);
    }

    /// <summary>Gives up what a subscription holds besides its leases: its partition, and its place in a cohort.</summary>
    private static void Release(SessionSubscription subscription)
    {
        subscription.Close();
        subscription.Lease.Dispose();
    }
}
