using Fibril.Broker.Sessions.Resume;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Sessions that outlive the broker: RES-8 and section 8.6.</summary>
public sealed class ResumeAfterRestartTests
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    [Fact] // RES-8, outcome 4; V-24
    public async Task A_session_with_subscriptions_is_honoured_by_the_next_run_and_its_messages_come_again()
    {
        var disk = new SimulatedFileSystem();
        (ResumeIdentity identity, SubscriptionDescriptor held) = await RunAndStopAsync(disk);
        await using SessionHarness next = NewBroker(disk);
        RawPeer peer = await next.ResumeAsync(identity, ResumeOutcome.ResumedAfterRestart);
        Assert.Equal(identity, peer.Identity);
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, held));
        Assert.Equal((ReconcileAction.RecreateClientSide, CloseReason.Recreate), (verdict.Action, verdict.Code)); // none left
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(["0", "1"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));

        // The session lives: it can be resumed as any other.
        await peer.ResetAsync();
        await next.ResumeAsync(identity);
    }

    [Fact] // V-24: beyond the limit
    public async Task A_session_that_was_last_seen_too_long_ago_is_not_found()
    {
        var disk = new SimulatedFileSystem();
        (ResumeIdentity identity, _) = await RunAndStopAsync(disk);
        await using SessionHarness next = NewBroker(disk);
        next.Advance(TimeToLive + TimeSpan.FromMilliseconds(1));
        RawPeer peer = await next.ResumeAsync(identity, ResumeOutcome.NotFound);
        Assert.NotEqual(identity.ClientId, peer.Identity.ClientId);
    }

    [Fact] // its age counts from when it was last known to live, however long ago it began
    public async Task A_session_that_has_been_quiet_for_hours_is_honoured()
    {
        var disk = new SimulatedFileSystem();
        ResumeIdentity identity;
        await using (SessionHarness broker = NewBroker(disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.SubscribeAsync();
            for (int hour = 0; hour < 2; hour++)
            {
                broker.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(10));
                await peer.PingUntilAnsweredAsync();
            }

            identity = peer.Identity;
            await using SessionHarness next = NewBroker(disk.AfterPowerLoss());
            next.Time.SetUtcNow(broker.Time.GetUtcNow());
            await next.ResumeAsync(identity, ResumeOutcome.ResumedAfterRestart);
        }
    }

    [Fact] // F-12, R-4; V-24: wrong token, other owner
    public async Task A_saved_session_is_given_to_nobody_else()
    {
        var disk = new SimulatedFileSystem();
        (ResumeIdentity identity, _) = await RunAndStopAsync(disk);
        await using SessionHarness next = NewBroker(disk);
        await next.ResumeAsync(identity with { ResumeToken = Guid.NewGuid() }, ResumeOutcome.NotFound);
        await next.ResumeAsync(identity with { OwnerId = Guid.NewGuid() }, ResumeOutcome.Rejected);
        await next.ResumeAsync(identity, ResumeOutcome.ResumedAfterRestart);
    }

    [Fact]
    public async Task A_session_that_ended_is_not_honoured()
    {
        var disk = new SimulatedFileSystem();
        ResumeIdentity ended;
        await using (SessionHarness broker = NewBroker(disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.SubscribeAsync();
            broker.Advance(TimeSpan.FromSeconds(1));
            ended = peer.Identity;
            await peer.CloseAsync();
            broker.Advance(broker.Resume.ReconnectGrace);
            await broker.StopAsync();
        }

        await using SessionHarness next = NewBroker(disk);
        await next.ResumeAsync(ended, ResumeOutcome.NotFound);
    }

    [Fact] // RES-8: with subscriptions
    public async Task A_session_that_never_subscribed_is_not_saved()
    {
        var disk = new SimulatedFileSystem();
        ResumeIdentity identity;
        await using (SessionHarness broker = NewBroker(disk))
        {
            identity = (await broker.ConnectAsync()).Identity;
            await broker.StopAsync();
        }

        await using SessionHarness next = NewBroker(disk);
        await next.ResumeAsync(identity, ResumeOutcome.NotFound);
    }

    [Fact] // RES-8: within a moment, whatever else happens meanwhile
    public async Task Sessions_are_saved_while_others_come_and_go()
    {
        var disk = new SimulatedFileSystem();
        await using SessionHarness broker = NewBroker(disk);
        (Guid client, Guid token) = (Guid.NewGuid(), Guid.NewGuid());
        broker.Store.Put(client, token, "fibril");
        for (int i = 0; i < 20; i++)
        {
            var passing = Guid.NewGuid();
            broker.Store.Put(passing, Guid.NewGuid(), "fibril");
            broker.Time.Advance(TimeSpan.FromMilliseconds(100));
            broker.Store.Remove(passing);
        }

        await using SessionHarness next = NewBroker(disk.AfterKill());
        Assert.NotNull(next.Store.Find(client, token));
    }

    [Fact] // 0 disables
    public async Task Nothing_is_saved_when_that_is_switched_off()
    {
        var disk = new SimulatedFileSystem();
        ResumeIdentity identity;
        await using (SessionHarness broker = NewBroker(disk))
        {
            broker.Resume.RestartTimeToLive = TimeSpan.Zero;
            RawPeer peer = await broker.ConnectAsync();
            await peer.SubscribeAsync();
            identity = peer.Identity;
            await broker.StopAsync();
        }

        await using SessionHarness next = NewBroker(disk);
        await next.ResumeAsync(identity, ResumeOutcome.NotFound);
    }

    [Theory] // it never prevents a start
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_cannot_be_read_costs_the_sessions_and_nothing_else(bool cutShort)
    {
        var disk = new SimulatedFileSystem();
        (ResumeIdentity identity, _) = await RunAndStopAsync(disk);
        (string file, byte[] content) = SavedSessions(disk);
        if (cutShort) disk.Overwrite(file, content[..10]);
        else disk.Corrupt(file, position: 30, xor: 4);
        await using SessionHarness next = NewBroker(disk);
        RawPeer peer = await next.ResumeAsync(identity, ResumeOutcome.NotFound);
        await peer.SubscribeAsync(prefetch: 10);
        Assert.Equal(2, (await peer.DrainDeliveriesAsync()).Count);
        Assert.Contains("sessions of the last run cannot be read", next.Log.ToString(), StringComparison.Ordinal);

        // And those of this run are saved again.
        await next.StopAsync();
        await next.Store.DisposeAsync();
        await using SessionHarness third = NewBroker(disk);
        await third.ResumeAsync(peer.Identity, ResumeOutcome.ResumedAfterRestart);
    }

    [Fact] // who reads the disk cannot resume
    public async Task The_disk_holds_no_tokens()
    {
        var disk = new SimulatedFileSystem();
        (ResumeIdentity identity, _) = await RunAndStopAsync(disk);
        (_, byte[] content) = SavedSessions(disk);
        Assert.True(content.AsSpan().IndexOf(identity.ClientId.ToByteArray(bigEndian: true)) > 0);
        Assert.Equal(-1, content.AsSpan().IndexOf(identity.ResumeToken.ToByteArray(bigEndian: true)));
        Assert.Equal(-1, content.AsSpan().IndexOf(identity.ResumeToken.ToByteArray()));
        Assert.True(ResumeToken.Matches(identity.ResumeToken, ResumeToken.Hash(identity.ResumeToken)));
    }

    /// <summary>A broker whose one client holds one of two messages when the broker stops.</summary>
    private static async Task<(ResumeIdentity Identity, SubscriptionDescriptor Held)> RunAndStopAsync(SimulatedFileSystem disk)
    {
        await using SessionHarness broker = NewBroker(disk);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0", "1");
        SubscribeOkMessage subscription = await peer.SubscribeAsync();
        await peer.ExpectDeliveryAsync();
        await broker.StopAsync();
        await broker.Store.DisposeAsync();
        return (peer.Identity, new SubscriptionDescriptor(subscription.SubscriptionId, "orders", 0, null, false, 1, null, null, null));
    }

    private static (string Path, byte[] Content) SavedSessions(SimulatedFileSystem disk)
    {
        KeyValuePair<string, byte[]> file = Assert.Single(disk.Content(), static file => file.Key.Contains("sessions", StringComparison.Ordinal));
        return (file.Key, file.Value);
    }

    private static SessionHarness NewBroker(SimulatedFileSystem disk)
    {
        var broker = new SessionHarness(
            static options =>
            {
                options.HeartbeatInterval = TimeSpan.FromHours(1);
                options.StandaloneTopology = false;
            },
            disk: disk);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        return broker;
    }
}
