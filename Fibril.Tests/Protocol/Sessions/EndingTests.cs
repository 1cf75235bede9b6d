using System.Net.Sockets;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>How connections, subscriptions and the broker end: CLS-1 to CLS-4, section 7.11, OPEN-12.</summary>
public class EndingTests
{
    [Theory] // M-50, M-51, F-1
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_connection_gives_its_unsettled_messages_to_the_others_at_once(bool inOrder) // CLS-2, section 7.11
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0", "1", "2");
        RawPeer first = await broker.ConnectAsync();
        await first.SubscribeAsync(prefetch: 3);
        ReceivedDelivery[] held = await first.ExpectDeliveriesAsync(3);
        RawPeer second = await broker.ConnectAsync();
        await second.SubscribeAsync(prefetch: 3);
        await first.AckAsync(held[1]);
        await first.ExpectSilenceAsync();
        await second.ExpectSilenceAsync();

        await (inOrder ? first.CloseAsync() : first.ResetAsync());
        ReceivedDelivery[] inherited = await second.ExpectDeliveriesAsync(2);
        Assert.Equal([("0", null), ("2", null)], inherited.Select(static delivery => (delivery.Text, delivery.Retries)));
        await second.ExpectSilenceAsync();
        Assert.Equal(2, broker.Connections.Count);
    }

    [Fact]
    public async Task What_arrived_before_the_end_of_a_connection_is_carried_out() // FRM-14, F-13
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0", "1");
        await first.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] held = await first.ExpectDeliveriesAsync(2);
        await first.AckAsync(held[0]);
        await first.SendRawAsync(new TestPublish { Text = "parting", Confirm = false }.ToFrame(5));
        await first.CloseAsync();

        RawPeer second = await broker.ConnectAsync();
        await second.SubscribeAsync(prefetch: 5);
        Assert.Equal(["1", "parting"], (await second.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
    }

    [Fact]
    public async Task A_protocol_error_ends_a_connection_like_any_other_loss() // M-50, F-19
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes(static options => options.MaxFrameBytes = 100_000);
        RawPeer first = await broker.ConnectAsync();
        await first.PublishAllAsync("0");
        await first.SubscribeAsync();
        await first.ExpectDeliveryAsync();
        RawPeer second = await broker.ConnectAsync();
        await second.SubscribeAsync();

        await first.SendRawAsync(new TestPublish { Payload = new byte[200_000] }.ToFrame(9));
        await first.ExpectErrorAsync(9, ErrorCode.Invalid);
        await first.ExpectClosedAsync();
        Assert.Equal("0", (await second.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task A_final_error_waits_for_a_slow_peer_but_not_much_longer_than_two_seconds() // CLS-1, S-61
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes(static options => options.MaxFrameBytes = 100_000);
        RawPeer slow = await broker.ConnectAsync();
        RawPeer dead = await broker.ConnectAsync();
        var header = new byte[FrameHeader.Size];
        new FrameHeader(200_000, OpCode.Publish, 9).Write(header);
        foreach (RawPeer peer in new[] { slow, dead })
        {
            peer.StopReading();
            await peer.SendRawAsync(header);
            await peer.WhenReadByBrokerAsync();
        }

        for (int step = 0; step < 19; step++)
        {
            broker.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }

        Assert.False(slow.IsCut);
        Assert.False(dead.IsCut);
        slow.ResumeReading();
        await slow.ExpectErrorAsync(9, ErrorCode.Invalid);
        await slow.ExpectClosedAsync();

        await AdvanceUntilAsync(broker, () => dead.IsCut, TimeSpan.FromSeconds(2));
        await dead.ExpectCutAsync();
    }

    [Fact]
    public async Task A_peer_that_does_not_close_after_a_final_error_is_closed_soon() // CLS-1
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        await peer.SendFrameAsync(OpCode.Ping, 5);
        await peer.ExpectErrorAsync(5, ErrorCode.Invalid);
        await AdvanceUntilAsync(broker, () => broker.Connections.Count == 0, TimeSpan.FromSeconds(1));
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_partition_out_of_service_closes_its_subscriptions_and_only_those() // CLS-4, S-46, S-65, section 5.7 code 40
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0");
        RawPeer one = await broker.ConnectAsync();
        ulong fallen = (await one.SubscribeAsync()).SubscriptionId;
        await one.ExpectDeliveryAsync();
        ulong other = (await one.SubscribeAsync("healthy")).SubscriptionId;
        RawPeer two = await broker.ConnectAsync();
        ulong alsoFallen = (await two.SubscribeAsync(group: "default", autoAck: true)).SubscriptionId;

        await broker.BreakAsync(PartitionHarness.Id);
        foreach ((RawPeer peer, ulong id) in new[] { (one, fallen), (two, alsoFallen) })
        {
            SubscriptionClosedMessage closed = await peer.ExpectPushAsync<SubscriptionClosedMessage>();
            Assert.Equal((id, CloseReason.ServerError), (closed.SubscriptionId, closed.Code));
            Assert.Contains("orders/0", closed.Message, StringComparison.Ordinal);
            await peer.ExpectSilenceAsync();
        }

        await publisher.PublishAsync(new TestPublish("healthy") { Text = "still served" });
        ReceivedDelivery delivery = await one.ExpectDeliveryAsync();
        Assert.Equal((other, "still served"), (delivery.SubscriptionId, delivery.Text));
    }

    [Fact]
    public async Task A_subscription_that_was_closed_is_forgotten() // CLS-3
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await peer.SubscribeAsync();
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        await broker.BreakAsync(PartitionHarness.Id);
        SubscriptionClosedMessage closed = await peer.ExpectPushAsync<SubscriptionClosedMessage>();

        // The partition serves nobody any more, which is what the next subscribe hears; it is no conflict with the one that ended.
        await peer.SendAsync(10, RawPeer.Subscription());
        ServerFaultText.AssertNamesTheBrokerAndATrace(await peer.ExpectErrorAsync(10, ErrorCode.ServerFault), broker.Log);

        var held = new SubscriptionDescriptor(closed.SubscriptionId, "orders", 0, null, false, 1, null, null, null);
        ReconcileVerdict restored = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, held));
        Assert.Equal((ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed), (restored.Action, restored.Code));
        Assert.Empty(await peer.ReconcileAsync(ReconcilePolicy.Conservative));
        await peer.AckAsync(delivery);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_publish_to_a_partition_out_of_service_gets_error_500_with_a_trace_that_is_in_the_log() // O-10, 6.3, 6.4
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.FailSyncs = true;
        ServerFaultText.AssertNamesTheBrokerAndATrace(await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.ServerFault), broker.Log);
        ServerFaultText.AssertNamesTheBrokerAndATrace(await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.ServerFault), broker.Log);
    }

    [Fact]
    public async Task A_stop_closes_every_subscription_with_code_22_and_then_the_connections() // OPEN-12
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer[] peers = [await broker.ConnectAsync(), await broker.ConnectAsync()];
        foreach (RawPeer peer in peers)
        {
            await peer.SubscribeAsync();
            await peer.SubscribeAsync("jobs", 3);
        }

        RawPeer unauthenticated = broker.Accept();
        await unauthenticated.HelloAsync();
        await broker.StopAsync();
        foreach (RawPeer peer in peers)
        {
            var closed = new HashSet<ulong>();
            for (int i = 0; i < 2; i++)
            {
                SubscriptionClosedMessage message = await peer.ExpectPushAsync<SubscriptionClosedMessage>();
                Assert.Equal(CloseReason.BrokerShutdown, message.Code);
                Assert.True(closed.Add(message.SubscriptionId));
            }

            await peer.ExpectClosedAsync();
        }

        await unauthenticated.ExpectClosedAsync();
        RawPeer late = broker.Accept();
        await late.ExpectCutAsync();
    }

    [Fact]
    public async Task A_stop_answers_what_it_has_taken_in() // S-60
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();
        await peer.SendRawAsync((byte[])[.. new TestPublish().ToFrame(20), .. new TestPublish().ToFrame(21)]);
        await peer.WhenReadByBrokerAsync();
        Task stopping = broker.StopAsync();
        for (int i = 0; i < 10; i++) await Task.Delay(2, TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted);

        broker.ResumeSyncs();
        Assert.Equal(1UL, (await peer.ExpectAsync<PublishOkMessage>(20)).Offset);
        Assert.Equal(2UL, (await peer.ExpectAsync<PublishOkMessage>(21)).Offset);
        await stopping;
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_stop_lets_a_client_that_is_still_sending_read_its_last_answers() // S-60, S-61
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();
        await peer.SendRawAsync(new TestPublish().ToFrame(20));
        await peer.WhenReadByBrokerAsync();
        Task stopping = broker.StopAsync();
        await peer.SendRawAsync(new TestPublish().ToFrame(21));
        broker.ResumeSyncs();
        Assert.Equal(1UL, (await peer.ExpectAsync<PublishOkMessage>(20)).Offset);
        await stopping;
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_disk_that_takes_long_over_a_stop_is_no_silence_of_the_clients() // S-60, HB-3
    {
        await using var broker = new SessionHarness(static options => options.StandaloneTopology = false);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();
        await peer.SendRawAsync(new TestPublish().ToFrame(20));
        await peer.WhenReadByBrokerAsync();
        await Patience.Wait(broker.Connections.BeginStopAsync());
        Task stopping = broker.StopAsync();
        broker.Advance(TimeSpan.FromSeconds(40));
        Assert.False(peer.IsCut, "The broker was not listening.");

        broker.ResumeSyncs();
        ReceivedFrame frame;
        do frame = await peer.ReadAsync("a confirm");
        while (frame.OpCode == OpCode.Ping);
        Assert.Equal((OpCode.PublishOk, 20UL), (frame.OpCode, frame.RequestId));
        await stopping;
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_stop_does_not_wait_longer_than_two_seconds_for_who_asked_much_and_reads_nothing() // CLS-1
    {
        await using var broker = new SessionHarness(static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromHours(1);
            options.OutputBufferBytes = 64 << 10;
        });
        await (await broker.ConnectAsync()).DeclareAsync(count: 1024);
        RawPeer stuck = await broker.ConnectAsync();
        stuck.StopReading();
        await stuck.SendRawAsync(Enumerable.Range(0, 100).SelectMany(static _ => FrameBytes.Of(7, new TopologyMessage(null, null))).ToArray());
        await Patience.Until(() => stuck.WrittenByBrokerBytes > 16 * (64 << 10));

        await broker.StopAsync();
        await AdvanceUntilAsync(broker, () => stuck.IsCut, TimeSpan.FromSeconds(2.5));
        await stuck.ExpectCutAsync();
    }

    [Fact]
    public async Task A_network_that_gives_up_on_a_delivery_takes_no_partition_out_of_service()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer gone = await broker.ConnectAsync();
        await gone.SubscribeAsync();
        gone.BreakSending(new SocketException((int)SocketError.TimedOut));
        RawPeer other = await broker.ConnectAsync();
        await other.PublishAllAsync("0", "1");
        await gone.ResetAsync();

        await other.SubscribeAsync(prefetch: 2);
        Assert.Equal(["0", "1"], (await other.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
        Assert.Empty(broker.Queues.OutOfService);
    }

    [Fact]
    public async Task A_network_that_gives_up_on_a_ping_is_no_fault_of_the_broker()
    {
        await using var broker = new SessionHarness();
        RawPeer gone = await broker.ConnectAsync();
        await gone.TopologyAsync();
        gone.BreakSending(new SocketException((int)SocketError.HostUnreachable));
        broker.Advance(TimeSpan.FromSeconds(10));

        await gone.ResetAsync(new SocketException((int)SocketError.TimedOut));
        Assert.DoesNotContain(broker.Log.Lines, static line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task No_delivery_follows_the_close_of_its_subscription_when_a_busy_broker_stops() // FRM-17
    {
        byte[] burst = [.. Enumerable.Range(0, 4000).SelectMany(static _ => new TestPublish { Confirm = false }.ToFrame(1))];
        for (int round = 0; round < 20; round++)
        {
            await using SessionHarness broker = SessionHarness.WithoutPushes(static options => options.OutputBufferBytes = 64 << 20);
            RawPeer publisher = await broker.ConnectAsync();
            await publisher.SendRawAsync(burst);
            await publisher.ExpectSilenceAsync();
            RawPeer consumer = await broker.ConnectAsync();
            await consumer.SubscribeAsync(prefetch: 10_000);
            await broker.StopAsync();

            ReceivedFrame frame;
            do frame = await consumer.ReadAsync("a delivery or the end of the subscription"); // the peer itself knows FRM-17
            while (frame.OpCode == OpCode.Deliver);
            Assert.Equal(OpCode.SubscriptionClosed, frame.OpCode);
            await consumer.ExpectClosedAsync();
        }
    }

    [Fact]
    public async Task After_a_stop_everything_unsettled_is_there_again() // S-60, F-30
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.PublishAllAsync("0", "1", "2");
            await peer.SubscribeAsync(prefetch: 2);
            ReceivedDelivery[] two = await peer.ExpectDeliveriesAsync(2);
            await peer.AckAsync(two[0]);
            Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
            await broker.StopAsync();
            disk = disk.AfterPowerLoss();
        }

        await using var again = new SessionHarness(disk: disk);
        RawPeer next = await again.ConnectAsync();
        await next.SubscribeAsync(prefetch: 5);
        Assert.Equal(["1", "2"], (await next.ExpectDeliveriesAsync(2)).Select(static delivery => delivery.Text));
        await next.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData("160301")]
    [InlineData("16030102000100")]
    [InlineData("1603")]
    public async Task A_tls_hello_is_dropped_without_a_byte_and_the_log_says_what_to_do(string hex) // TLS-2, 6.3
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        await peer.SendRawAsync(Hex.Bytes(hex));
        await peer.ExpectDroppedAsync();
        Assert.Empty(peer.Transcript);
        Assert.Contains(broker.Log.Lines, static line => line.Text.Contains("TLS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_web_browser_is_told_about_the_two_ports() // 6.4
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        await peer.SendRawAsync("GET / HTTP/1.1\r\nHost: localhost:9876\r\n\r\n"u8.ToArray());
        ReceivedFrame frame = await peer.ReadAsync("an error");
        Assert.Equal(OpCode.Error, frame.OpCode);
        Assert.Equal(ErrorCode.Invalid, frame.ReadError().Code);
        Assert.Contains("9876", frame.ReadError().Message, StringComparison.Ordinal);
        Assert.Contains("8081", frame.ReadError().Message, StringComparison.Ordinal);
        await peer.ExpectClosedAsync();
    }

    private static async Task AdvanceUntilAsync(SessionHarness broker, Func<bool> isOver, TimeSpan atMost)
    {
        TimeSpan step = TimeSpan.FromMilliseconds(50);
        for (TimeSpan waited = TimeSpan.Zero; !isOver(); waited += step)
        {
            Assert.True(waited <= atMost, $"Not over after {waited}.");
            broker.Time.Advance(step);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
