using System.Text;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>A broker that does not read, or does not answer, makes publishers wait; nothing grows without limit.</summary>
public sealed class BackpressureTests
{
    private const int LargeBytes = 32 << 20; // more than the sockets of both sides take

    [Fact] // M-68
    public async Task Publishers_wait_for_a_broker_that_does_not_read_and_go_on_when_it_does()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        await publisher.SendAsync(new byte[LargeBytes]); // alone, however large
        await publisher.SendAsync(new byte[1 << 20].AsMemory(0, 1_000_000));
        Task waiting = publisher.SendAsync(new byte[100_000]).AsTask();
        Task<PublishConfirmation> begun = publisher.BeginPublishAsync(new byte[1]).AsTask();
        Task<long> publish = publisher.PublishAsync(new byte[2]).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.False(begun.IsCompleted); // small enough, but nobody overtakes

        Assert.Equal(LargeBytes, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.Length);
        foreach (int length in (int[])[1_000_000, 100_000])
            Assert.Equal(length, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.Length);
        await Patience.Wait(waiting);
        PublishConfirmation confirmation = await Patience.Wait(begun);
        for (ulong i = 1; i <= 2; i++)
        {
            SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
            Assert.Equal((int)i, frame.Payload.Length);
            session.Peer.Send(frame.Id, new PublishOkMessage(i));
        }

        Assert.Equal(1, await confirmation);
        Assert.Equal(2, await Patience.Wait(publish));
    }

    [Fact]
    public async Task A_full_window_of_confirmations_makes_the_next_publish_wait()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.MaxPendingRequests = 16);
        Publisher publisher = session.Client.CreatePublisher("orders");
        var handles = new List<PublishConfirmation>();
        var ids = new List<ulong>();
        for (int i = 0; i < 16; i++)
        {
            handles.Add(await publisher.BeginPublishAsync("x"u8));
            ids.Add((await session.Peer.ReadAsync(OpCode.Publish)).Id);
        }

        Task<PublishConfirmation> next = publisher.BeginPublishAsync("y"u8).AsTask();
        Task<TimeSpan> ping = session.Client.PingAsync();
        Assert.False(next.IsCompleted);
        session.Peer.Send(ids[7], new PublishOkMessage(7));
        Assert.Equal(7, await handles[7]);
        await Patience.Wait(next);
        Assert.Equal("y"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);

        session.Peer.Send(ids[0], new PublishOkMessage(0));
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
    }

    [Fact]
    public async Task Waiting_for_room_ends_after_the_operation_timeout()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        Publisher publisher = await FillBuffersAsync(session);
        Task sending = publisher.SendAsync(new byte[100_000]).AsTask();
        Task beginning = publisher.BeginPublishAsync(new byte[100_000]).AsTask();
        Task publishing = publisher.PublishAsync(new byte[100_000]).AsTask();
        session.Time.Advance(TimeSpan.FromSeconds(30));
        foreach (Task task in (Task[])[sending, beginning, publishing])
        {
            var timeout = await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(task));
            Assert.Contains("room to send", timeout.Message, StringComparison.Ordinal);
        }

        // What was given up is not sent later.
        await ReadBuffersAsync(session);
        await publisher.SendAsync("next"u8);
        Assert.Equal("next"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);
    }

    [Fact]
    public async Task A_publish_that_is_cancelled_while_it_waits_for_room_is_never_sent()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = await FillBuffersAsync(session);
        using var cancellation = new CancellationTokenSource();
        Task[] waiting =
        [
            publisher.SendAsync(new byte[100_000], cancellationToken: cancellation.Token).AsTask(),
            publisher.BeginPublishAsync(new byte[100_000], cancellationToken: cancellation.Token).AsTask(),
            publisher.PublishAsync(new byte[100_000], cancellationToken: cancellation.Token).AsTask(),
        ];
        Task last = publisher.SendAsync(new byte[99_999]).AsTask();
        await cancellation.CancelAsync();
        foreach (Task task in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(task));

        await ReadBuffersAsync(session);
        Assert.Equal(99_999, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.Length);
        await Patience.Wait(last);
    }

    [Fact]
    public async Task Those_who_wait_for_room_learn_that_the_connection_is_gone()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: ScriptedSession.StaysDisconnected);
        Publisher publisher = await FillBuffersAsync(session);
        Task[] waiting =
        [
            publisher.SendAsync(new byte[100_000]).AsTask(),
            publisher.BeginPublishAsync(new byte[100_000]).AsTask(),
            publisher.PublishAsync(new byte[100_000]).AsTask(),
            session.Client.PingAsync(),
        ];
        session.Peer.Abort();
        foreach (Task task in waiting) await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(task));
    }

    [Fact]
    public async Task Memory_that_was_lent_is_read_when_there_is_room_and_bytes_are_copied_before()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = await FillBuffersAsync(session);
        byte[] payload = new byte[100_000];
        Task copied = publisher.SendAsync(payload.AsSpan()).AsTask();
        payload.AsSpan().Fill(7); // the call has returned, so the span is the caller's again
        Task lent = publisher.SendAsync(payload.AsMemory()).AsTask();
        await ReadBuffersAsync(session);
        Assert.Equal(-1, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.AsSpan().IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.AsSpan().IndexOfAnyExcept((byte)7));
        await Patience.Wait(Task.WhenAll(copied, lent));
    }

    [Fact]
    public async Task Headers_that_are_changed_while_a_publish_waits_for_room_belong_to_the_next_message()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = await FillBuffersAsync(session);
        var properties = new MessageProperties { Headers = new MessageHeaders { ["number"] = "1" } };
        Task waiting = publisher.SendAsync(new byte[100_000], properties).AsTask();
        properties.Headers["number"] = "a longer text than before";
        await ReadBuffersAsync(session);
        Assert.Equal("1", NumberOf(await session.Peer.ReadAsync(OpCode.Publish)));
        await Patience.Wait(waiting);

        static string NumberOf(SentFrame frame)
        {
            foreach (Header header in frame.Read<PublishMessage>().Headers) return Encoding.UTF8.GetString(header.Value);
            return "";
        }
    }

    [Fact]
    public async Task Whoever_waits_behind_a_publish_that_is_cancelled_goes_on_at_once()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.MaxPendingRequests = 16);
        Publisher publisher = session.Client.CreatePublisher("orders");
        await FillWindowAsync(session, publisher);
        using var cancellation = new CancellationTokenSource();
        Task cancelled = publisher.PublishAsync("cancelled"u8, cancellationToken: cancellation.Token).AsTask();
        Task behind = publisher.SendAsync("behind"u8).AsTask(); // needs no place among the answers
        Assert.False(behind.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(cancelled));
        await Patience.Wait(behind);
        Assert.Equal("behind"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);
    }

    [Fact]
    public async Task Whoever_waits_behind_a_publish_that_is_overdue_goes_on_at_once()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options =>
        {
            options.MaxPendingRequests = 16;
            options.HeartbeatInterval = TimeSpan.FromHours(1);
        });
        Publisher publisher = session.Client.CreatePublisher("orders");
        await FillWindowAsync(session, publisher);
        Task overdue = publisher.PublishAsync("overdue"u8).AsTask();
        session.Time.Advance(TimeSpan.FromSeconds(10));
        Task behind = publisher.SendAsync("behind"u8).AsTask();
        session.Time.Advance(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(overdue));
        await Patience.Wait(behind);
        Assert.Equal("behind"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);
    }

    [Fact] // FRM-18 from the other side: answers and deliveries come in while nothing goes out
    public async Task The_client_reads_while_its_broker_does_not()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        await publisher.SendAsync(new byte[LargeBytes]);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(5, reader.Current.Offset);
    }

    /// <summary>Publishes as many messages as may wait for an answer, which they do not get.</summary>
    /// <summary>Sends until nothing more has room, neither in the sockets nor in the client.</summary>
    private static async Task<Publisher> FillBuffersAsync(ScriptedSession session)
    {
        Publisher publisher = session.Client.CreatePublisher("orders");
        await publisher.SendAsync(new byte[LargeBytes]);
        await publisher.SendAsync(new byte[1_000_000]);
        return publisher;
    }

    /// <summary>Takes in what <see cref="FillBuffersAsync"/> sent.</summary>
    private static async Task ReadBuffersAsync(ScriptedSession session)
    {
        for (int i = 0; i < 2; i++) await session.Peer.ReadAsync(OpCode.Publish);
    }

    private static async Task FillWindowAsync(ScriptedSession session, Publisher publisher)
    {
        for (int i = 0; i < 16; i++)
        {
            await publisher.BeginPublishAsync("x"u8);
            await session.Peer.ReadAsync(OpCode.Publish);
        }
    }
}
