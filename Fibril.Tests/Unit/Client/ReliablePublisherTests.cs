using System.Globalization;
using System.Text;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

public sealed class ReliablePublisherTests
{
    [Fact] // R-78, DUP-1: section 8.6
    public async Task Messages_carry_the_producer_and_a_number_from_zero_next_to_the_headers_of_the_application()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        ReliablePublisher publisher = session.Client.CreateReliablePublisher("orders");
        Assert.True(Guid.TryParse(publisher.ProducerId, out _));
        var properties = new MessageProperties { Headers = new MessageHeaders { ["tenant"] = "7" } };
        for (int number = 0; number < 3; number++)
        {
            Task<long> publish = publisher.PublishAsync("x"u8, properties).AsTask();
            SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
            Dictionary<string, string> headers = HeadersOf(frame);
            Assert.Equal("7", headers["tenant"]);
            Assert.Equal(publisher.ProducerId, headers["fibril.client.producer_id"]);
            Assert.Equal(number.ToString(CultureInfo.InvariantCulture), headers["fibril.client.producer_seq"]);
            session.Peer.Send(frame.Id, new PublishOkMessage((ulong)number + 10));
            Assert.Equal(number + 10, await Patience.Wait(publish));
        }

        Assert.NotEqual(publisher.ProducerId, session.Client.CreateReliablePublisher("orders").ProducerId);
    }

    [Fact] // the same number again; a lost confirmation, a refusal that can pass, a lost connection
    public async Task A_message_is_sent_with_the_same_number_until_it_is_confirmed()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: static options => options.RetryTimeout = TimeSpan.Zero);
        ReliablePublisher publisher = session.Client.CreateReliablePublisher("orders");
        Task<long> publish = publisher.PublishAsync("payload"u8).AsTask();
        SentFrame first = await session.Peer.ReadAsync(OpCode.Publish);
        session.Peer.SendError(first.Id, ErrorCode.ServerFault, "too few replicas");
        SentFrame second = await session.Time.PassUntilAsync(session.Peer.SkipToAsync(OpCode.Publish, AnswerTopology));
        await session.LoseConnectionAsync(); // and the confirmation with it
        (await session.Time.PassUntilAsync(session.Broker.AcceptAsync())).Abort();
        ScriptedPeer peer = await session.Time.PassUntilAsync(session.AcceptAgainAsync(ResumeOutcome.NotFound));
        SentFrame third = await session.Time.PassUntilAsync(peer.SkipToAsync(OpCode.Publish, AnswerTopology));
        peer.Send(third.Id, new PublishOkMessage(41));
        Assert.Equal(41, await Patience.Wait(publish));
        foreach (SentFrame frame in (SentFrame[])[first, second, third])
        {
            Assert.Equal("payload", Encoding.UTF8.GetString(frame.Payload));
            Assert.Equal("0", HeadersOf(frame)["fibril.client.producer_seq"]);
            Assert.Equal(publisher.ProducerId, HeadersOf(frame)["fibril.client.producer_id"]);
        }
    }

    [Fact]
    public async Task A_refusal_that_stays_ends_it()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreateReliablePublisher("orders").PublishAsync("x"u8).AsTask();
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Publish)).Id, ErrorCode.Invalid, "no such thing");
        Assert.Equal(ErrorCode.Invalid, (await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(publish))).Code);
    }

    [Fact]
    public async Task Cancelling_ends_it()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: static options => options.AutoReconnect = false);
        await session.LoseConnectionAsync();
        using var cancellation = new CancellationTokenSource();
        Task<long> publish = session.Client.CreateReliablePublisher("orders").PublishAsync("x"u8, cancellationToken: cancellation.Token).AsTask();
        Assert.False(publish.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(publish));
    }

    [Fact]
    public async Task Unconfirmed_messages_are_bounded_and_the_next_waits_its_turn()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        ReliablePublisher publisher = session.Client.CreateReliablePublisher("orders", new ReliablePublisherOptions { MaxInFlight = 2 });
        Task<long>[] publishes = [.. Enumerable.Range(0, 3).Select(_ => publisher.PublishAsync("x"u8).AsTask())];
        SentFrame first = await session.Peer.ReadAsync(OpCode.Publish);
        await session.Peer.ReadAsync(OpCode.Publish);
        await SubscriptionTests.PingAsync(session); // and no third one came before
        session.Peer.Send(first.Id, new PublishOkMessage(5));
        Assert.Equal(5, await Patience.Wait(publishes[0]));
        Assert.Equal("2", HeadersOf(await session.Peer.ReadAsync(OpCode.Publish))["fibril.client.producer_seq"]);
    }

    [Fact] // brokers remember the newest numbers: one that is far behind them is not known again
    public async Task No_message_gets_further_ahead_of_the_oldest_unconfirmed_than_the_window()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        ReliablePublisher publisher = session.Client.CreateReliablePublisher("orders", new ReliablePublisherOptions { MaxInFlight = 2 });
        Task<long>[] publishes = [.. Enumerable.Range(0, 4).Select(_ => publisher.PublishAsync("x"u8).AsTask())];
        SentFrame oldest = await session.Peer.ReadAsync(OpCode.Publish);
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Publish)).Id, new PublishOkMessage(6));
        Assert.Equal(6, await Patience.Wait(publishes[1]));
        await SubscriptionTests.PingAsync(session); // and nothing came before
        session.Peer.Send(oldest.Id, new PublishOkMessage(5));
        Assert.Equal(5, await Patience.Wait(publishes[0]));
        Assert.Equal("2", HeadersOf(await session.Peer.ReadAsync(OpCode.Publish))["fibril.client.producer_seq"]);
        Assert.Equal("3", HeadersOf(await session.Peer.ReadAsync(OpCode.Publish))["fibril.client.producer_seq"]);
    }

    [Fact]
    public async Task A_window_that_brokers_do_not_remember_is_refused()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => session.Client.CreateReliablePublisher("orders", new ReliablePublisherOptions { MaxInFlight = 4097 }));
    }

    private static void AnswerTopology(ScriptedPeer peer, SentFrame frame)
    {
        if (frame.OpCode == OpCode.Topology) peer.Send(frame.Id, new TopologyOkMessage(new TopologySnapshot(0, [], [])));
    }

    private static Dictionary<string, string> HeadersOf(SentFrame frame)
    {
        var headers = new Dictionary<string, string>();
        foreach (Header header in frame.Read<PublishMessage>().Headers)
            headers[Encoding.UTF8.GetString(header.Key)] = Encoding.UTF8.GetString(header.Value);
        return headers;
    }
}
