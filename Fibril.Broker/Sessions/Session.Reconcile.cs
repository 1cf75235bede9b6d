using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// After a reconnect a client lists what it still holds, and gets one verdict on each; what it does not list is dropped (REC-3, REC-4, REC-10).
internal sealed partial class Session
{
    /// <summary>Judges the client's list for a connection, answers it, and lets the deliveries of what is kept go on.</summary>
    /// <param name="connection">Who asks.</param>
    /// <param name="requestId">What the result answers.</param>
    /// <param name="request">The list.</param>
    /// <param name="rules">What the user may do; null for everything. To a user who may not consume it a topic has no subscriptions.</param>
    /// <exception cref="SubscribeRefusedException">The session has moved on to another connection; the message is fit for clients.</exception>
    public async Task ReconcileAsync(ClientConnection connection, ulong requestId, ReconcileClientMessage request, TopicRules? rules)
    {
        using Entry entry = await EnterAsync();
        if (_isOver || _connection != connection)
            throw new SubscribeRefusedException("This session goes on with a newer connection; reconcile there.");

        var review = new Review(connection, request.Policy, rules);
        var verdicts = new List<ReconcileVerdict>();
        foreach (SubscriptionDescriptor held in request.Subscriptions) verdicts.Add(await JudgeAsync(review, held));
        verdicts.AddRange(await DropUnlistedAsync(review.Listed));
        verdicts.Sort(CompareVerdicts);
        _notices.Clear(); // the result says it

        // Sent before any delivery of a kept or restored subscription (REC-8).
        connection.Output.Reply(requestId, new ReconcileResultMessage(verdicts));
        connection.EndHandshakeWindow();

        // Also what has ended since it was judged: the client was told that it goes on, and learns of the end now (CLS-4).
        foreach (SessionSubscription kept in review.Kept.Where(static kept => !kept.IsClaimed)) kept.Claim(connection.Output);
        foreach (SessionSubscription restored in review.Restored.Where(static restored => !restored.IsClosed))
            await restored.Partition.PostAsync(new SubscribeCommand(restored.Queue), CancellationToken.None);

        ForgetEnded();
        PushNews();
        _registry.Counters.Count(verdicts);
        _registry.Logger.Reconciled(
            Identity.ClientId, connection.Describe(), request.Policy,
            string.Join(", ", verdicts.GroupBy(static verdict => verdict.Code).Select(static group => $"{group.Key} {group.Count()}")));
    }

    private async Task<ReconcileVerdict> JudgeAsync(Review review, SubscriptionDescriptor held)
    {
        PartitionId id;
        CloseReason absent = review.Policy == ReconcilePolicy.Restore ? CloseReason.ServerRestoreFailed : CloseReason.ServerMissing;
        try
        {
            id = ChannelNames.ToPartitionId(held.Topic, held.Group, held.Partition);
        }
        catch (ArgumentException)
        {
            // Every listed subscription gets an answer, a nameless one too.
            return Verdict(held, null, ReconcileAction.CloseClientSide, absent);
        }

        // Not listed for the session either: what there is of it ends.
        if (review.Rules?.Allow(id.Queue.Topic, TopicOperations.Consume) == false)
            return Verdict(held, null, ReconcileAction.CloseClientSide, absent);

        review.Listed.Add(id);
        if (FindLive(id) is { } present)
        {
            bool matches = present.Request.AutoAck == held.AutoAck && present.Prefetch == Math.Max(1, held.Prefetch);
            SubscriptionDescriptor server = Describe(present);
            if (matches)
            {
                review.Kept.Add(present);
                CloseReason kept = present.Id == held.SubscriptionId ? CloseReason.Matched : CloseReason.ServerIdChanged;
                return Verdict(held, server, ReconcileAction.Keep, kept);
            }

            await EndSubscriptionAsync(present);
            return Verdict(held, server, ReconcileAction.CloseClientSide, CloseReason.ServerMismatch);
        }

        if (review.Policy == ReconcilePolicy.Restore) return await RestoreAsync(review, held, id);
        return held.AutoAck || !_registry.Queues.HasOrMayHave(id)
            ? Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerMissing)
            : Verdict(held, null, ReconcileAction.RecreateClientSide, CloseReason.Recreate);
    }

    private async Task<ReconcileVerdict> RestoreAsync(Review review, SubscriptionDescriptor held, PartitionId id)
    {
        PartitionLease<QueuePartition>? lease = null;
        try
        {
            var request = new SubscribeMessage(
                held.Topic, held.Partition, held.Group, held.Prefetch, held.AutoAck, held.ConsumerGroup, held.ConsumerTarget, held.MemberId);
            Guid? member = PickMember(request);
            lease = await _registry.Queues.AcquireAsync(id, PartitionUse.Subscribe);
            if (lease.Partition.ParkedBecause is null)
            {
                SessionSubscription restored = Begin(review.Connection, lease, request, member);
                lease = null;
                review.Kept.Add(restored);
                review.Restored.Add(restored);
                return Verdict(held, Describe(restored), ReconcileAction.Keep, CloseReason.ServerRestored);
            }
        }
        catch (Exception failure) when (failure is ArgumentException or PartitionUnavailableException or IOException or SubscribeRefusedException)
        {
            _registry.Logger.NotRestored(Identity.ClientId, id, failure.Message);
        }

        lease?.Dispose();
        return Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed);
    }

    private async Task<List<ReconcileVerdict>> DropUnlistedAsync(HashSet<PartitionId> listed)
    {
        var dropped = new List<ReconcileVerdict>();
        foreach (PartitionId id in _subscriptions.Keys.Where(present => !listed.Contains(present)).ToArray())
        {
            if (FindLive(id) is not { } subscription) continue;
            dropped.Add(Verdict(null, Describe(subscription), ReconcileAction.CloseServerSide, CloseReason.ClientMissing));
            await EndSubscriptionAsync(subscription);
        }

        return dropped;
    }

    private static SubscriptionDescriptor Describe(SessionSubscription subscription)
    {
        SubscribeMessage request = subscription.Request;
        return new SubscriptionDescriptor(
            subscription.Id, request.Topic, request.Partition, request.Group, request.AutoAck, subscription.Prefetch,
            request.ConsumerGroup, request.ConsumerGroup is null ? null : request.ConsumerTarget, subscription.Queue.MemberId);
    }

    private static ReconcileVerdict Verdict(SubscriptionDescriptor? client, SubscriptionDescriptor? server, ReconcileAction action, CloseReason code) =>
        new(client, server, action, code, CloseReasons.TokenOf(code) ?? "");

    /// <summary>By group, topic and id, the absent group first (REC-5).</summary>
    private static int CompareVerdicts(ReconcileVerdict left, ReconcileVerdict right)
    {
        SubscriptionDescriptor a = left.Client ?? left.Server!;
        SubscriptionDescriptor b = right.Client ?? right.Server!;
        int byGroup = string.CompareOrdinal(a.Group, b.Group);
        if (byGroup != 0) return byGroup;
        int byTopic = string.CompareOrdinal(a.Topic, b.Topic);
        return byTopic != 0 ? byTopic : a.SubscriptionId.CompareTo(b.SubscriptionId);
    }

    /// <summary>One reconciliation under way.</summary>
    private sealed class Review(ClientConnection connection, ReconcilePolicy policy, TopicRules? rules)
    {
        public ClientConnection Connection { get; } = connection;

        public ReconcilePolicy Policy { get; } = policy;

        public TopicRules? Rules { get; } = rules;

        /// <summary>What the client holds.</summary>
        public HashSet<PartitionId> Listed { get; } = [];

        /// <summary>What goes on, restored or not.</summary>
        public List<SessionSubscription> Kept { get; } = [];

        /// <summary>What the partitions do not know yet.</summary>
        public List<SessionSubscription> Restored { get; } = [];
    }
}
