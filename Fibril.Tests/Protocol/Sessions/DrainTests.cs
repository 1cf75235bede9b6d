using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>The notice before a broker goes away: section 8.7 and DRN-1.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Every_client_that_is_logged_in_is_told_and_nobody_else()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer one = await broker.ConnectAsync();
        RawPeer other = await broker.ConnectAsync();
        await one.SubscribeAsync();
        await other.TopologyAsync();
        RawPeer stranger = broker.Accept();
        await stranger.HelloAsync();
        broker.Connections.AnnounceGoingAway(Grace, "node maintenance");
        foreach (RawPeer peer in new[] { one, other })
            Assert.Equal(new GoingAwayMessage(15_000, "node maintenance"), await peer.ExpectAsync<GoingAwayMessage>(0));
        await stranger.PingAsync();
    }

    [Fact]
    public async Task The_broker_keeps_serving_after_the_notice()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        broker.Connections.AnnounceGoingAway(Grace, "");
        await peer.ExpectAsync<GoingAwayMessage>(0);
        broker.Advance(Grace * 2);
        await peer.PublishAllAsync("0");
        await peer.AckAsync(await peer.ExpectDeliveryAsync());
        RawPeer late = await broker.ConnectAsync();
        await late.PublishAllAsync("1");
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Text);
        await late.ExpectSilenceAsync(); // it came after the notice
    }

    [Fact]
    public async Task A_client_in_its_handshake_is_told_when_it_is_through()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        broker.Connections.AnnounceGoingAway(Grace, "first");
        broker.Connections.AnnounceGoingAway(Grace, "newest");
        await peer.ExpectSilenceAsync();
        broker.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("newest", (await peer.ExpectAsync<GoingAwayMessage>(0)).Message);
        await peer.ExpectSilenceAsync();
    }
}
