using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Sessions.Output;
using Fibril.Broker.Sessions.Routing;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private readonly Dictionary<PartitionId, SessionSubscription> _subscriptions = [];
    private ulong _nextSubscriptionId = 1;

    private async Task<FrameOutcome> SubscribeAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out SubscribeMessage request, out DecodeError error)) return Malformed(requestId, OpCode.Subscribe, error);
        if (request.ConsumerGroup is not null)
            throw new ArgumentException("This version has no exclusive consumer groups. Subscribe without one to compete for messages.");

        PartitionId id = ToPartitionId(request.Topic, request.Group, request.Partition);
        if (FindLive(id) is not null)
        {
            Refuse(requestId, ErrorCode.Conflict, $"This session has a subscription to {id} already; use that one, or open another connection.");
            return FrameOutcome.Done;
        }

        PartitionLease<QueuePartition> lease = await _environment.Queues.AcquireAsync(id, PartitionUse.Subscribe);
        if (lease.Partition.ParkedBecause is { } because)
        {
            lease.Dispose();
            Refuse(requestId, ErrorCode.ServerFault, because);
            return FrameOutcome.Done;
        }

        SessionSubscription subscription = Begin(lease, request);
        _output.Reply(requestId, new SubscribeOkMessage(
            subscription.Id, request.Topic, request.Partition, request.Group, subscription.Prefetch,
            ConsumerGroup: null, ConsumerTarget: null, MemberId: null));

        // The reply is queued before the partition learns of the subscription, so no delivery can overtake it.
        await lease.Partition.PostAsync(new SubscribeCommand(subscription.Queue), CancellationToken.None);
        return FrameOutcome.Done;
    }

    /// <summary>The subscription of this session; one that its partition has closed is forgotten (CLS-3).</summary>
    private SessionSubscription? FindLive(PartitionId id)
    {
        if (!_subscriptions.TryGetValue(id, out SessionSubscription? subscription)) return null;
        if (!subscription.IsClosed) return subscription;
        Forget(subscription);
        return null;
    }

    private void Forget(SessionSubscription subscription)
    {
        subscription.Lease.Dispose();
        _subscriptions.Remove(subscription.Partition.Id);
        if (_routes.Find(subscription.Partition.Id) is { } route) route.Subscription = null;
    }

    private SessionSubscription Begin(PartitionLease<QueuePartition> lease, SubscribeMessage request)
    {
        var subscription = new SessionSubscription(
            _output, lease, _nextSubscriptionId, request, $"{_clientName} {Peer}, subscription {_nextSubscriptionId++}");
        _subscriptions.Add(lease.Partition.Id, subscription);
        if (_routes.Find(lease.Partition.Id) is { } route) route.Subscription = subscription;
        return subscription;
    }

    /// <summary>
    /// After a reconnect a client lists what it still holds. Sessions end with their connection, so the broker has nothing of it: the
    /// verdicts are those for subscriptions that only the client has (REC-3), and subscriptions it does not list are dropped (REC-10).
    /// </summary>
    private async Task<FrameOutcome> ReconcileAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out ReconcileClientMessage request, out DecodeError error)) return Malformed(requestId, OpCode.ReconcileClient, error);
        var verdicts = new List<ReconcileVerdict>();
        var added = new List<SessionSubscription>();
        HashSet<PartitionId> listed = [];
        foreach (SubscriptionDescriptor held in request.Subscriptions)
            verdicts.Add(await JudgeAsync(request.Policy, held, listed, added));
        verdicts.AddRange(await DropUnlistedAsync(listed));
        verdicts.Sort(CompareVerdicts);

        // Sent before any delivery of a restored subscription (REC-8).
        _output.Reply(requestId, new ReconcileResultMessage(verdicts));
        Volatile.Write(ref _windowIsClosed, true);
        foreach (SessionSubscription subscription in added.Where(static subscription => !subscription.IsClosed))
            await subscription.Partition.PostAsync(new SubscribeCommand(subscription.Queue), CancellationToken.None);
        return FrameOutcome.Done;
    }

    private async Task<ReconcileVerdict> JudgeAsync(
        ReconcilePolicy policy, SubscriptionDescriptor held, HashSet<PartitionId> listed, List<SessionSubscription> added)
    {
        PartitionId id;
        try
        {
            id = ToPartitionId(held.Topic, held.Group, held.Partition);
        }
        catch (ArgumentException)
        {
            CloseReason why = policy == ReconcilePolicy.Restore ? CloseReason.ServerRestoreFailed : CloseReason.ServerMissing;
            return Verdict(held, null, ReconcileAction.CloseClientSide, why);
        }

        listed.Add(id);
        if (FindLive(id) is { } present)
        {
            bool matches = present.Request.AutoAck == held.AutoAck && present.Prefetch == Math.Max(1, held.Prefetch);
            SubscriptionDescriptor server = Describe(present);
            if (matches)
            {
                CloseReason kept = present.Id == held.SubscriptionId ? CloseReason.Matched : CloseReason.ServerIdChanged;
                return Verdict(held, server, ReconcileAction.Keep, kept);
            }

            await EndSubscriptionAsync(present);
            return Verdict(held, server, ReconcileAction.CloseClientSide, CloseReason.ServerMismatch);
        }

        if (policy == ReconcilePolicy.Restore) return await RestoreAsync(held, id, added);
        return held.AutoAck || !_environment.Queues.HasOrMayHave(id)
            ? Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerMissing)
            : Verdict(held, null, ReconcileAction.RecreateClientSide, CloseReason.Recreate);
    }

    private async Task<ReconcileVerdict> RestoreAsync(SubscriptionDescriptor held, PartitionId id, List<SessionSubscription> added)
    {
        if (held.ConsumerGroup is not null) return Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed);
        try
        {
            PartitionLease<QueuePartition> lease = await _environment.Queues.AcquireAsync(id, PartitionUse.Subscribe);
            if (lease.Partition.ParkedBecause is not null)
            {
                lease.Dispose();
                return Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed);
            }

            SessionSubscription restored = Begin(lease, new SubscribeMessage(
                held.Topic, held.Partition, held.Group, held.Prefetch, held.AutoAck, ConsumerGroup: null, ConsumerTarget: null, MemberId: null));
            added.Add(restored);
            return Verdict(held, Describe(restored), ReconcileAction.Keep, CloseReason.ServerRestored);
        }
        catch (Exception failure) when (failure is ArgumentException or PartitionUnavailableException or IOException)
        {
            return Verdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed);
        }
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

    private async Task EndSubscriptionAsync(SessionSubscription subscription)
    {
        subscription.TryClose();
        await subscription.Partition.PostAsync(new UnsubscribeCommand(subscription.Queue), CancellationToken.None);
        Forget(subscription);
    }

    /// <summary>The connection ends: what was collected is handed over, and what is unsettled goes to the other consumers (M-50).</summary>
    private async Task LeaveAsync()
    {
        if (!IsStopping) _output.RefuseDeliveries();
        await PostCollectedAsync();
        foreach (SessionSubscription subscription in _subscriptions.Values.ToArray())
        {
            // Closed first: no delivery follows the frame that says so (FRM-17).
            if (subscription.TryClose() && IsStopping)
                _output.Push(new SubscriptionClosedMessage(subscription.Id, CloseReason.BrokerShutdown, "The broker is stopping."));
            await EndSubscriptionAsync(subscription);
        }

        _routes.EndPublishers();
    }

    private static SubscriptionDescriptor Describe(SessionSubscription subscription)
    {
        SubscribeMessage request = subscription.Request;
        return new SubscriptionDescriptor(
            subscription.Id, request.Topic, request.Partition, request.Group, request.AutoAck, subscription.Prefetch,
            ConsumerGroup: null, ConsumerTarget: null, MemberId: null);
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

    /// <exception cref="ArgumentException">The topic or group is not a legal name; the message is fit for clients.</exception>
    private static PartitionId ToPartitionId(string topic, string? group, uint partition)
    {
        OptionalUtf8 encodedGroup = group is null ? default : new OptionalUtf8(System.Text.Encoding.UTF8.GetBytes(group));
        return ToPartitionId(System.Text.Encoding.UTF8.GetBytes(topic), encodedGroup, partition);
    }
}
