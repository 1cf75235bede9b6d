using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>RECONCILE_CLIENT of sessions that end with their connection: the rows of REC-3 that can occur, REC-2 to REC-10, X-14.</summary>
public class ReconcileTests
{
    [Fact]
    public async Task What_only_the_client_has_is_to_be_subscribed_again_when_that_is_safe() // V-18, R-20, R-21, R-24, REC-3, F-15 code 8, STL-8
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, Held(7)));
        Assert.Equal(new ReconcileVerdict(Held(7), null, ReconcileAction.RecreateClientSide, CloseReason.Recreate, "recreate"), verdict);

        await peer.ExpectSilenceAsync(); // nothing was made on the client's behalf
        await peer.SubscribeAsync();
        await peer.ExpectDeliveryAsync();
    }

    [Fact]
    public async Task An_auto_ack_subscription_that_only_the_client_has_is_over() // V-18, REC-3 code 6
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        SubscriptionDescriptor held = Held(7) with { AutoAck = true };
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, held));
        Assert.Equal(new ReconcileVerdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerMissing, "server_missing"), verdict);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_partition_that_is_not_here_is_not_safe_to_subscribe_again() // REC-3 code 6
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        foreach (SubscriptionDescriptor held in new[]
        {
            Held(1) with { Partition = 2 }, Held(2) with { Partition = uint.MaxValue }, Held(3) with { Topic = "No Name" }, Held(4) with { Group = ".." },
        })
        {
            ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Conservative, held));
            Assert.Equal(new ReconcileVerdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerMissing, "server_missing"), verdict);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Policy_restore_makes_it_again_under_a_new_id_and_delivers_behind_the_result(bool autoAck) // V-18, REC-3 code 3, REC-8, X-2
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAllAsync("0", "1");
        RawPeer peer = await broker.ConnectAsync();
        SubscriptionDescriptor held = Held(700) with { AutoAck = autoAck, Prefetch = 0, Group = "default" };
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, held));

        Assert.Equal((ReconcileAction.Keep, CloseReason.ServerRestored, "server_restored"), (verdict.Action, verdict.Code, verdict.Reason));
        Assert.Equal(held, verdict.Client);
        Assert.Equal(held with { SubscriptionId = verdict.Server!.SubscriptionId, Prefetch = 1 }, verdict.Server);
        Assert.True(verdict.Server.SubscriptionId >= 1);
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Equal((verdict.Server.SubscriptionId, "default", "0"), (delivery.SubscriptionId, delivery.Group, delivery.Text));
        if (!autoAck) await peer.AckAsync(delivery);
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task Policy_restore_says_when_it_failed() // V-18, R-25, REC-3 code 5
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 2);
        foreach (SubscriptionDescriptor held in new[]
        {
            Held(1) with { Partition = 2 }, Held(2) with { Partition = uint.MaxValue }, Held(3) with { Topic = "No Name" }, Held(4) with { Group = ".." },
            Held(5) with { ConsumerGroup = "default", MemberId = Guid.Empty }, Held(6) with { ConsumerGroup = "" },
        })
        {
            ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, held));
            Assert.Equal(
                new ReconcileVerdict(held, null, ReconcileAction.CloseClientSide, CloseReason.ServerRestoreFailed, "server_restore_failed"), verdict);
        }

        await peer.SubscribeAsync(); // nothing is in the way of a subscribe
    }

    [Theory]
    [InlineData(ReconcilePolicy.Conservative)]
    [InlineData(ReconcilePolicy.Restore)]
    public async Task What_both_sides_have_is_kept(ReconcilePolicy policy) // V-18, R-21, R-22, REC-3 codes 1 and 2, REC-2
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer publisher = await broker.ConnectAsync();
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage same = await peer.SubscribeAsync(prefetch: 0);
        SubscribeOkMessage renamed = await peer.SubscribeAsync(partition: 1, group: "", prefetch: 3);
        SubscriptionDescriptor heldSame = Held(same.SubscriptionId);
        SubscriptionDescriptor heldRenamed = Held(900) with
        {
            Partition = 1,
            Group = "default",
            Prefetch = 3,
            ConsumerGroup = "not compared",
            ConsumerTarget = 2,
            MemberId = Guid.NewGuid(),
        };
        IReadOnlyList<ReconcileVerdict> verdicts = await peer.ReconcileAsync(policy, heldSame, heldRenamed);
        Assert.Equal(
            [
                new ReconcileVerdict(heldSame, Held(same.SubscriptionId), ReconcileAction.Keep, CloseReason.Matched, "matched"),
                new ReconcileVerdict(
                    heldRenamed, Held(renamed.SubscriptionId) with { Partition = 1, Group = "", Prefetch = 3 }, ReconcileAction.Keep,
                    CloseReason.ServerIdChanged, "server_id_changed"),
            ],
            verdicts);

        await publisher.PublishAsync(new TestPublish());
        Assert.Equal(same.SubscriptionId, (await peer.ExpectDeliveryAsync()).SubscriptionId);
        await publisher.PublishAsync(new TestPublish(Partition: 1));
        Assert.Equal(renamed.SubscriptionId, (await peer.ExpectDeliveryAsync()).SubscriptionId);
    }

    [Theory]
    [InlineData(2U, false)]
    [InlineData(1U, true)]
    public async Task What_differs_ends_on_both_sides_and_gives_back_what_it_held(uint prefetch, bool autoAck) // V-18, R-21, R-23, REC-3 code 4, F-15
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        SubscribeOkMessage present = await peer.SubscribeAsync();
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        SubscriptionDescriptor held = Held(present.SubscriptionId) with { Prefetch = prefetch, AutoAck = autoAck };
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, held));
        Assert.Equal(
            new ReconcileVerdict(held, Held(present.SubscriptionId), ReconcileAction.CloseClientSide, CloseReason.ServerMismatch, "server_mismatch"),
            verdict);

        await peer.AckAsync(delivery); // too late
        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync();
        Assert.Equal("0", (await next.ExpectDeliveryAsync()).Text);
        await peer.SubscribeAsync(prefetch: 5); // CLS-3
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData(ReconcilePolicy.Conservative)]
    [InlineData(ReconcilePolicy.Restore)]
    public async Task What_the_client_does_not_list_is_dropped(ReconcilePolicy policy) // V-18, R-23, REC-3, F-15 code 7, REC-10
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        SubscribeOkMessage kept = await peer.SubscribeAsync("kept");
        SubscribeOkMessage dropped = await peer.SubscribeAsync(group: "default");
        await peer.ExpectDeliveryAsync();
        IReadOnlyList<ReconcileVerdict> verdicts = await peer.ReconcileAsync(policy, Held(kept.SubscriptionId) with { Topic = "kept" });
        Assert.Equal(2, verdicts.Count);
        Assert.Contains(
            new ReconcileVerdict(
                null, Held(dropped.SubscriptionId) with { Group = "default" }, ReconcileAction.CloseServerSide, CloseReason.ClientMissing, "client_missing"),
            verdicts);

        RawPeer next = await broker.ConnectAsync();
        await next.SubscribeAsync();
        Assert.Equal("0", (await next.ExpectDeliveryAsync()).Text);
        await peer.SubscribeAsync();
        await next.PublishAsync(new TestPublish("kept"));
        Assert.Equal(kept.SubscriptionId, (await peer.ExpectDeliveryAsync()).SubscriptionId);
    }

    [Fact]
    public async Task Every_entry_of_the_client_gets_exactly_one_verdict_sorted_by_group_topic_and_id() // REC-4, REC-5, REC-6, X-14, F-15
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync("zoo");
        SubscriptionDescriptor[] held =
        [
            .. Enumerable.Range(0, 300).Select(static number => Held((ulong)(1000 - number)) with
            {
                Topic = $"t{number % 7}", Group = new[] { null, "eu", "", "default", "Bad Group" }[number % 5], Partition = (uint)number % 11,
                AutoAck = number % 2 == 0, Prefetch = (uint)number,
            }),
        ];
        IReadOnlyList<ReconcileVerdict> verdicts = await peer.ReconcileAsync(ReconcilePolicy.Conservative, held);
        Assert.Equal(301, verdicts.Count);
        Assert.Equal(
            held.OrderBy(static entry => entry.SubscriptionId),
            verdicts.Select(static verdict => verdict.Client).OfType<SubscriptionDescriptor>().OrderBy(static entry => entry.SubscriptionId));

        SubscriptionDescriptor[] sides = [.. verdicts.Select(static verdict => verdict.Client ?? verdict.Server!)];
        Assert.Equal(
            sides.OrderBy(static side => side.Group, StringComparer.Ordinal).ThenBy(static side => side.Topic, StringComparer.Ordinal)
                .ThenBy(static side => side.SubscriptionId),
            sides);
        Assert.All(verdicts, static verdict => Assert.Equal(CloseReasons.TokenOf(verdict.Code), verdict.Reason));
    }

    [Fact]
    public async Task The_same_key_twice_gets_two_verdicts() // REC-4
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        IReadOnlyList<ReconcileVerdict> verdicts = await peer.ReconcileAsync(ReconcilePolicy.Restore, Held(1), Held(2) with { Group = "default" });
        Assert.Equal(2, verdicts.Count);
        Assert.All(verdicts, static verdict => Assert.Equal(ReconcileAction.Keep, verdict.Action));
        Assert.Equal(verdicts[0].Server!.SubscriptionId, verdicts[1].Server!.SubscriptionId);
    }

    [Fact]
    public async Task The_same_key_twice_with_different_settings_leaves_nobody_who_keeps_messages_in_memory() // REC-3 code 4
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        IReadOnlyList<ReconcileVerdict> verdicts = await peer.ReconcileAsync(
            ReconcilePolicy.Restore, Held(1), Held(2) with { Prefetch = Held(1).Prefetch + 1 });
        Assert.Equal([CloseReason.ServerRestored, CloseReason.ServerMismatch], verdicts.Select(static verdict => verdict.Code));

        await peer.PublishAsync(new TestPublish { Payload = new byte[1000] });
        await peer.ExpectSilenceAsync();
        Assert.True(broker.TailCache.TryTake(SessionHarness.TailCacheBytes), "Messages are kept for a consumer, and there is none.");
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_gets_error_400_and_drops_nothing() // REC-9
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        SubscribeOkMessage present = await peer.SubscribeAsync();
        await peer.SendFrameAsync(OpCode.ReconcileClient, 9, Hex.Bytes("4652433102" + "00000000"));
        await peer.ExpectErrorAsync(9, ErrorCode.Invalid);
        await peer.PublishAsync(new TestPublish());
        Assert.Equal(present.SubscriptionId, (await peer.ExpectDeliveryAsync()).SubscriptionId);
    }

    [Fact]
    public async Task A_reconciliation_may_come_at_any_time_and_again() // REC-10
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        Assert.Empty(await peer.ReconcileAsync(ReconcilePolicy.Restore));
        await peer.PublishAllAsync("0");
        ulong id = Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, Held(5))).Server!.SubscriptionId;
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Equal(CloseReason.Matched, Assert.Single(await peer.ReconcileAsync(ReconcilePolicy.Restore, Held(id))).Code);
        await peer.AckAsync(delivery);
        await peer.PublishAsync(new TestPublish { Text = "1" });
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task After_a_lost_connection_the_same_messages_come_to_the_restored_subscription() // F-11, section 7.13, STL-8
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer first = broker.Accept();
        ResumeIdentity identity = (await first.HelloAsync()).Identity;
        await first.AuthAsync();
        await first.PublishAllAsync("0");
        SubscribeOkMessage before = await first.SubscribeAsync();
        ReceivedDelivery stale = await first.ExpectDeliveryAsync();
        await first.ResetAsync();

        RawPeer second = broker.Accept();
        Assert.Equal(ResumeOutcome.NotFound, (await second.HelloAsync(identity)).Outcome);
        await second.AuthAsync();
        await second.ReconcileAsync(ReconcilePolicy.Restore, Held(before.SubscriptionId));
        ReceivedDelivery again = await second.ExpectDeliveryAsync();
        Assert.NotEqual(stale.Tag, again.Tag);
        await second.AckAsync(again.PushId, "orders", null, 0, stale.Tag);
        await second.ExpectSilenceAsync();
    }

    private static SubscriptionDescriptor Held(ulong id) => new(id, "orders", 0, null, AutoAck: false, Prefetch: 1, null, null, null);
}
