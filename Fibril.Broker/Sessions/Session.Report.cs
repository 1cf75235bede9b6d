using Fibril.Broker.Sessions.Subscriptions;

namespace Fibril.Broker.Sessions;

internal sealed partial class Session
{
    /// <summary>The session now. Thread-safe.</summary>
    public SessionReport Report() => new(
        Identity.ClientId, UserName, Volatile.Read(ref _connection)?.Id,
        [
            .. _subscriptions.Values.Where(static subscription => !subscription.IsClosed).Select(Report),
            .. AllStreams().Where(static subscription => !subscription.IsClosed).Select(Report),
        ]);

    private SubscriptionReport Report(SessionSubscription subscription) => new(
        subscription.Id, subscription.Partition.Id, IsStream: false, _registry.Time.GetElapsedTime(subscription.StartedAt), subscription.Queue.AutoAck, subscription.IsClaimed)
    {
        Prefetch = subscription.Prefetch,
        InFlight = subscription.Queue.InFlight,
        ConsumerGroup = subscription.Request.ConsumerGroup,
        MemberId = subscription.Queue.MemberId,
    };

    private SubscriptionReport Report(StreamSessionSubscription subscription) => new(
        subscription.Id, subscription.Partition.Id, IsStream: true, _registry.Time.GetElapsedTime(subscription.StartedAt), subscription.Stream.Request.AutoAck, IsClaimed: true)
    {
        DurableName = subscription.Stream.Request.DurableName,
    };
}
