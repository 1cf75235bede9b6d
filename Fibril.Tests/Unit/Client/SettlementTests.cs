using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

public sealed class SettlementTests
{
    private const ulong Midnight = 1_767_225_600_000;

    [Fact] // FRM-12
    public async Task An_acknowledgement_bears_the_id_of_its_delivery()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(17, subscriptionId: 1, tag: 9001);
        ReceivedMessage message = await subscription.ReadOneAsync();
        await message.CompleteAsync();
        Assert.True(message.IsSettled);
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Ack);
        Assert.Equal("46414b31" + "000000066f7264657273" + "00" + "00000000" + "00000001" + "0000000000002329", Hex.Text(frame.Body));
        Assert.Equal(17UL, frame.Id);
    }

    [Fact] // M-22 to M-24
    public async Task Failing_and_retrying_are_negative_acknowledgements()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        for (ulong tag = 1; tag <= 4; tag++) session.Peer.Deliver(tag + 50, subscriptionId: 1, tag);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 4);

        await messages[0].FailAsync();
        await AssertNackAsync(session, id: 51, tag: 1, requeue: false, notBefore: null);
        await messages[1].RetryAsync();
        await AssertNackAsync(session, id: 52, tag: 2, requeue: true, notBefore: null);
        session.Time.Advance(TimeSpan.FromSeconds(3)); // M-27: counted from the call
        await messages[2].RetryAfterAsync(TimeSpan.FromSeconds(30));
        await AssertNackAsync(session, id: 53, tag: 3, requeue: true, notBefore: Midnight + 33_000);
        await messages[3].RetryAfterAsync(TimeSpan.Zero);
        await AssertNackAsync(session, id: 54, tag: 4, requeue: true, notBefore: Midnight + 3_000);
    }

    [Fact]
    public async Task Settlements_that_gather_while_the_socket_is_busy_leave_together()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 100 });
        for (ulong tag = 1; tag <= 100; tag++) session.Peer.Deliver(tag + 1000, subscriptionId: 1, tag);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 100);
        await session.Client.CreatePublisher("orders").SendAsync(new byte[32 << 20]); // the broker does not read yet
        for (int i = 0; i < 100; i++)
        {
            if (i % 10 == 3) await messages[i].FailAsync();
            else if (i % 10 == 7) await messages[i].RetryAsync();
            else await messages[i].CompleteAsync();
        }

        await session.Peer.ReadAsync(OpCode.Publish);
        var frames = new List<(string Kind, ulong Id, ulong[] Tags)>();
        while (frames.Sum(static frame => frame.Tags.Length) < 100)
        {
            SentFrame frame = await session.Peer.ReadAsync();
            if (frame.OpCode == OpCode.Ack) frames.Add(("ack", frame.Id, Tags(frame.Read<AckMessage>().Tags)));
            else frames.Add((frame.Read<NackMessage>().Requeue ? "retry" : "fail", frame.Id, Tags(frame.Read<NackMessage>().Tags)));
        }

        AssertFrames("ack", Enumerable.Range(0, 100).Where(static i => i % 10 is not (3 or 7)));
        AssertFrames("fail", Enumerable.Range(0, 10).Select(static i => (10 * i) + 3));
        AssertFrames("retry", Enumerable.Range(0, 10).Select(static i => (10 * i) + 7));

        void AssertFrames(string kind, IEnumerable<int> messageIndexes)
        {
            (string Kind, ulong Id, ulong[] Tags)[] ofKind = [.. frames.Where(frame => frame.Kind == kind)];
            Assert.Equal(messageIndexes.Select(static i => (ulong)i + 1), ofKind.SelectMany(static frame => frame.Tags));
            Assert.InRange(ofKind.Length, 1, 2); // one more with the publish, when the writer was slow to begin
            Assert.All(ofKind, static frame => Assert.Equal(frame.Tags[0] + 1000, frame.Id));
        }
    }

    [Fact]
    public async Task A_delivery_is_settled_once()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        await message.CompleteAsync();
        foreach (Func<ValueTask> settle in (Func<ValueTask>[])
            [() => message.CompleteAsync(), () => message.FailAsync(), () => message.RetryAsync(), () => message.RetryAfterAsync(TimeSpan.Zero)])
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => settle().AsTask());
            Assert.Contains("completed already", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("queue 'orders'", refusal.Message, StringComparison.Ordinal);
        }

        await session.Peer.ReadAsync(OpCode.Ack);
        await SubscriptionTests.PingAsync(session); // and no other frame came before the ping
    }

    [Fact]
    public async Task Of_settlements_at_the_same_moment_one_counts()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        int refused = 0;
        Parallel.For(0, 8, _ =>
        {
            try
            {
                message.CompleteAsync().AsTask().Wait();
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal(7, refused);
    }

    [Fact]
    public async Task Cancelled_or_wrong_calls_leave_the_delivery_unsettled()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message.CompleteAsync(cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => message.RetryAfterAsync(TimeSpan.Zero, cancelled).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => message.RetryAfterAsync(TimeSpan.FromTicks(-1)).AsTask());
        Assert.False(message.IsSettled);
        await message.CompleteAsync();
    }

    [Fact]
    public async Task Settling_after_the_connection_is_gone_fails_and_leaves_the_delivery_unsettled()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Peer.Abort();
        await Patience.Until(() => !session.Client.IsConnected);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => message.CompleteAsync().AsTask());
        await Assert.ThrowsAsync<FibrilConnectionException>(() => message.RetryAfterAsync(TimeSpan.Zero).AsTask());
        Assert.False(message.IsSettled);
    }

    private static async Task AssertNackAsync(ScriptedSession session, ulong id, ulong tag, bool requeue, ulong? notBefore)
    {
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Nack);
        Assert.Equal(id, frame.Id);
        Assert.Equal([tag], Tags(frame.Read<NackMessage>().Tags));
        Assert.Equal(requeue, frame.Read<NackMessage>().Requeue);
        Assert.Equal(notBefore, frame.Read<NackMessage>().NotBefore);
        Assert.Equal("orders"u8, frame.Read<NackMessage>().Topic);
    }

    private static ulong[] Tags(TagList list)
    {
        ulong[] tags = new ulong[list.Count];
        for (int i = 0; i < tags.Length; i++) tags[i] = list[i];
        return tags;
    }
}
