using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Routing;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    // A run of this size, of settlements or of renewals, is handed over at once: one frame full of tags holds a partition's loop no longer,
    // and takes no more memory at a time, than many small ones.
    private const int LargestSettleRun = 1024;

    private int _tagsTaken; // of the frame that is being handled

    private FrameOutcome Ack(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out AckMessage ack, out DecodeError error)) return Malformed(requestId, OpCode.Ack, error);
        if (FindSettleRoute(RouteKey(body, ack.Topic, ack.Group), ack.Topic, ack.Group, ack.Partition) is not { } route) return FrameOutcome.Done;

        // A stream subscription takes precedence (STL-1).
        return route.Streams.Length > 0 ? Acknowledge(route.Streams, ack.Tags) : Settle(route, ack.Tags, SettleKind.Complete, notBefore: 0);
    }

    private FrameOutcome Nack(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out NackMessage nack, out DecodeError error)) return Malformed(requestId, OpCode.Nack, error);

        // A time without a requeue is invalid and changes nothing; answering could end the client's connection (M-25, X-4).
        if (nack is { Requeue: false, NotBefore: not null }) return FrameOutcome.Done;
        return FindSettleRoute(RouteKey(body, nack.Topic, nack.Group), nack.Topic, nack.Group, nack.Partition) is { Streams.Length: 0 } route
            ? Settle(route, nack.Tags, nack.Requeue ? SettleKind.Retry : SettleKind.Fail, ToUnixMs(nack.NotBefore ?? 0))
            : FrameOutcome.Done;
    }

    /// <summary>A cursor has no requeue: a NACK on a stream is ignored (STL-5).</summary>
    private static FrameOutcome Acknowledge(StreamSessionSubscription[] subscriptions, TagList tags)
    {
        for (int i = 0; i < tags.Count; i++)
        {
            int slot = StreamTags.SlotOf(tags[i]);
            foreach (StreamSessionSubscription subscription in subscriptions)
                if (subscription.Slot == slot) subscription.Acknowledge(tags[i]);
        }

        return FrameOutcome.Done;
    }

    /// <summary>Adds tags to the run for their partition; when it must wait with some left, it goes on with those when it is called again.</summary>
    private FrameOutcome Settle(PartitionRoute route, TagList tags, SettleKind kind, long notBefore)
    {
        for (; _tagsTaken < tags.Count; _tagsTaken++)
        {
            if (route.Settles is { Count: >= LargestSettleRun } full)
            {
                if (!full.Partition.TryPost(full)) return FrameOutcome.MustWait;
                route.Settles = null;
            }

            if (route.Settles is null)
            {
                Collect(route);
                route.Settles = SettleCommand.Rent(route.Subscription!.Partition, route.Subscription.Queue, _environment.Time.GetTimestamp());
            }

            route.Settles.Add(tags[_tagsTaken], kind, notBefore);
        }

        return FrameOutcome.Done;
    }

    /// <summary>The route of a live subscription of this session; null for an unknown key, which is ignored (STL-1).</summary>
    private PartitionRoute? FindSettleRoute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> topic, OptionalUtf8 group, uint partition)
    {
        Session session = _session!;
        int version = session.Version;
        if (!_routes.TryFind(key, out PartitionRoute? route))
        {
            if (session.SubscriptionCount == 0 || !Names.IsValid(topic) || partition > int.MaxValue) return null;
            if (!Names.IsDefaultGroup(group) && !Names.IsValid(group.Value)) return null;

            PartitionId id = WithoutGroupOfStream(ChannelNames.ToPartitionId(topic, group, partition));
            if (session.Find(id) is null && session.FindStreams(id).Length == 0) return null;
            route = _routes.Add(key, id);
        }

        if (route.SubscriptionVersion != version)
        {
            route.Subscription = session.Find(route.Id);
            route.Streams = session.FindStreams(route.Id);
            route.SubscriptionVersion = version;
        }

        return route.Subscription is null && route.Streams.Length == 0 ? null : route;
    }
}
