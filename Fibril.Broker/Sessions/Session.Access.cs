using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class Session
{
    private const string NotAllowed = "The user may no longer consume this topic.";

    /// <summary>Ends the subscriptions to topics that the user may not consume any more. A client that subscribes again is refused.</summary>
    /// <param name="connection">Whose user it is; an earlier one has nothing to end.</param>
    /// <param name="rules">What the user may do.</param>
    public async Task EndForbiddenAsync(ClientConnection connection, TopicRules rules)
    {
        using Entry entry = await EnterAsync();
        if (_isOver || _connection != connection) return;
        foreach (SessionSubscription subscription in _subscriptions.Values)
        {
            if (rules.Allow(subscription.Partition.Id.Queue.Topic, TopicOperations.Consume)) continue;
            subscription.Closed(CloseReason.Unspecified, NotAllowed);
            await EndSubscriptionAsync(subscription);
            if (subscription.TakeNotice() is { } notice) _notices.Enqueue(notice);
        }

        foreach (StreamSessionSubscription subscription in AllStreams())
        {
            if (rules.Allow(subscription.Partition.Id.Queue.Topic, TopicOperations.Consume)) continue;
            subscription.Closed(CloseReason.Unspecified, NotAllowed);
            await subscription.EndAsync();
        }

        PushNews();
    }
}
