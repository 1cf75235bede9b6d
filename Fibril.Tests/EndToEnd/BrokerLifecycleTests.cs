using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>A broker process from start to end: ready on an empty directory, killed and started again, stopped in order.</summary>
public sealed class BrokerLifecycleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_empty_directory_becomes_a_healthy_broker() // Z-6
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(_directory.PathOf("not/there/yet"));
        using var http = new HttpClient { BaseAddress = broker.Admin, Timeout = TimeSpan.FromSeconds(30) };
        foreach (string probe in new[] { "/healthz", "/readyz" })
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(probe, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("ok", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        using TcpPeer peer = await TcpPeer.LogInAsync(broker.Clients);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish { Text = "first" }));
        await peer.SubscribeAsync(prefetch: 1);
        Assert.Equal("first", (await peer.ExpectDeliveryAsync()).Text);
        Assert.True(Directory.Exists(_directory.PathOf("not/there/yet")));
    }

    [Fact]
    public async Task What_was_confirmed_is_delivered_after_a_kill() // S-1, RES-2, M-15, F-31, F-48
    {
        const int Count = 300;
        string data = _directory.PathOf("data");
        Guid owner;
        await using (BrokerProcess broker = await BrokerProcess.StartAsync(data))
        {
            using TcpPeer peer = await TcpPeer.ConnectAsync(broker.Clients);
            await peer.SendAsync(FrameBytes.Of(1, RawPeer.Hello()));
            owner = (await peer.ExpectAsync<HelloOkMessage>(1)).Identity.OwnerId;
            await peer.SendAsync(FrameBytes.Of(2, new AuthMessage("fibril", "fibril")));
            await peer.ExpectAsync<AuthOkMessage>(2);
            for (int number = 0; number < Count; number++) await peer.SendAsync(Numbered(number).ToFrame((ulong)number));
            for (int number = 0; number < Count; number++)
                Assert.Equal((ulong)number, (await peer.ExpectAsync<PublishOkMessage>((ulong)number)).Offset);

            // Held by a consumer at the moment of the crash: it comes back all the same.
            await peer.SubscribeAsync(prefetch: 10);
            await peer.ExpectDeliveryAsync();
            await broker.KillAsync();
        }

        await using BrokerProcess again = await BrokerProcess.StartAsync(data);
        using TcpPeer next = await TcpPeer.ConnectAsync(again.Clients);
        await next.SendAsync(FrameBytes.Of(1, RawPeer.Hello()));
        Assert.Equal(owner, (await next.ExpectAsync<HelloOkMessage>(1)).Identity.OwnerId);
        await next.SendAsync(FrameBytes.Of(2, new AuthMessage("fibril", "fibril")));
        await next.ExpectAsync<AuthOkMessage>(2);
        await next.SubscribeAsync(prefetch: 1000);
        for (int number = 0; number < Count; number++)
        {
            ReceivedDelivery delivery = await next.ExpectDeliveryAsync();
            Assert.Equal((ulong)number, delivery.Offset);
            Assert.Equal(Numbered(number).Payload, delivery.Payload);
            Assert.Equal($"{number}", Assert.Single(delivery.Headers).Value);
        }

        Assert.Equal((ulong)Count, await next.PublishAsync(Numbered(Count)));
    }

    [Fact]
    public async Task A_stop_is_orderly_tells_the_clients_and_keeps_every_settlement() // S-60, OPEN-12, CLS-4, F-30
    {
        string data = _directory.PathOf("data");
        await using (BrokerProcess broker = await BrokerProcess.StartAsync(data))
        {
            using TcpPeer idle = await TcpPeer.LogInAsync(broker.Clients);
            using TcpPeer consumer = await TcpPeer.LogInAsync(broker.Clients);
            using TcpPeer publisher = await TcpPeer.LogInAsync(broker.Clients);
            for (int number = 0; number < 4; number++) await publisher.PublishAsync(Numbered(number));
            ulong subscription = (await consumer.SubscribeAsync(prefetch: 2)).SubscriptionId;
            await consumer.AckAsync(await consumer.ExpectDeliveryAsync());
            for (int i = 0; i < 2; i++) await consumer.ExpectDeliveryAsync();

            broker.Terminate();
            ReceivedFrame? closed = await consumer.ReadAsync();
            Assert.Equal(OpCode.SubscriptionClosed, closed?.OpCode);
            SubscriptionClosedMessage message = closed!.Read<SubscriptionClosedMessage>();
            Assert.Equal((subscription, CloseReason.BrokerShutdown), (message.SubscriptionId, message.Code));
            Assert.Null(await consumer.ReadAsync());
            Assert.Null(await idle.ReadAsync());
            Assert.Equal(0, await broker.WaitForExitAsync());
            Assert.Contains("stopped", broker.Output, StringComparison.Ordinal);
        }

        await using BrokerProcess again = await BrokerProcess.StartAsync(data);
        using TcpPeer next = await TcpPeer.LogInAsync(again.Clients);
        await next.SubscribeAsync(prefetch: 10);
        foreach (ulong offset in new[] { 1UL, 2UL, 3UL }) Assert.Equal(offset, (await next.ExpectDeliveryAsync()).Offset);
        await next.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_client_that_races_the_start_is_turned_away_or_meets_a_broker_that_knows_its_queues() // F-50
    {
        string data = _directory.PathOf("data");
        IPEndPoint address = FindFreeAddress();
        await using (BrokerProcess broker = await BrokerProcess.StartAsync(data, "--broker-bind", $"{address}"))
        {
            await using FibrilClient client = await broker.ConnectAsync();
            await client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 2 });
            await broker.KillAsync();
        }

        Task<BrokerProcess> starting = BrokerProcess.StartAsync(data, "--broker-bind", $"{address}");
        try
        {
            using TcpPeer peer = await LogInAsSoonAsPossibleAsync(address);
            await peer.SendAsync(new TestPublish(Partition: 2).ToFrame(5)); // would make the queue grow if it were not known
            Assert.Equal(ErrorCode.Invalid, (await peer.ExpectAsync<ErrorMessage>(5)).Code);
            Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Partition: 1)));
        }
        finally
        {
            await (await starting).DisposeAsync();
        }
    }

    /// <summary>None of those that connecting sockets get: such a one could meet itself while nobody listens.</summary>
    private static IPEndPoint FindFreeAddress()
    {
        for (int port = Random.Shared.Next(20_000, 30_000); ; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return new IPEndPoint(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                // In use.
            }
        }
    }

    private static async Task<TcpPeer> LogInAsSoonAsPossibleAsync(IPEndPoint address)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await TcpPeer.LogInAsync(address);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Limit, "The broker does not listen.");
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }
    }

    private static TestPublish Numbered(int number)
    {
        var payload = new byte[200];
        new Random(number).NextBytes(payload);
        return new TestPublish { Payload = payload, Headers = [("number", $"{number}")] };
    }
}
