using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Exclusive consumer groups on one broker: section 7 and COH-1 to COH-8.</summary>
public sealed class CohortTests
{
    private static readonly QueueName Orders = new("orders", null);

    [Fact] // COH-2, COH-6, G-1, G-4, G-10, G-33: the flow of 7.10; V-29: split, pushes
    public async Task Members_split_the_partitions_and_are_told_of_every_change()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2);
        RawPeer a = await broker.ConnectAsync();
        SubscribeOkMessage joined = await a.JoinAsync(0);
        Assert.Equal("default", joined.ConsumerGroup);
        Guid memberA = joined.MemberId!.Value;
        await ExpectAssignedAsync(a, [0], added: [0], revoked: []);
        Assert.Equal(memberA, (await a.JoinAsync(1, memberId: memberA)).MemberId);
        AssignmentChangedMessage both = await ExpectAssignedAsync(a, [0, 1], added: [1], revoked: []);

        RawPeer b = await broker.ConnectAsync();
        Guid memberB = (await b.JoinAsync(0)).MemberId!.Value;
        Assert.NotEqual(memberA, memberB);
        AssignmentChangedMessage split = await ExpectAssignedAsync(a, [1], added: [], revoked: [0]);
        Assert.True(split.Generation > both.Generation);
        await ExpectAssignedAsync(b, [0], added: [0], revoked: []);
        await b.JoinAsync(1, memberId: memberB);
        await a.ExpectSilenceAsync(); // nothing moves (G-22)
        await b.ExpectSilenceAsync();

        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAsync(new TestPublish { Text = "0" });
        await publisher.PublishAsync(new TestPublish(Partition: 1) { Text = "1" });
        Assert.Equal("1", Assert.Single(await a.DrainDeliveriesAsync()).Text);
        Assert.Equal("0", Assert.Single(await b.DrainDeliveriesAsync()).Text);

        await a.CloseAsync(); // G-30

        // The event is information; what it is about may come first (G-33).
        ReceivedFrame[] came = [await b.ReadAsync("an assignment or a delivery"), await b.ReadAsync("the other")];
        AssertAssigned(came.Single(static frame => frame.OpCode == OpCode.AssignmentChanged).Read<AssignmentChangedMessage>(), [0, 1], added: [1], revoked: []);
        Assert.Equal("1", ReceivedDelivery.From(came.Single(static frame => frame.OpCode == OpCode.Deliver)).Text);
    }

    [Fact] // COH-4, G-4, G-5; V-29: member id rules
    public async Task A_session_is_one_member_whatever_it_sends()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 4);
        RawPeer peer = await broker.ConnectAsync();
        await RefuseJoinAsync(peer, 0, Guid.Empty, ErrorCode.Invalid);
        var chosen = Guid.NewGuid();
        Assert.Equal(chosen, (await peer.JoinAsync(0, memberId: chosen)).MemberId); // adopted
        await peer.ExpectAssignmentAsync();
        Assert.Equal(chosen, (await peer.JoinAsync(1)).MemberId); // known
        await peer.ExpectAssignmentAsync();
        Assert.Contains(chosen.ToString(), await RefuseJoinAsync(peer, 2, Guid.NewGuid(), ErrorCode.Conflict), StringComparison.Ordinal);
        await RefuseJoinAsync(peer, 2, Guid.Empty, ErrorCode.Invalid);
        await peer.JoinAsync(2, memberId: chosen);
    }

    [Fact] // COH-1, G-2; V-29: second cohort
    public async Task A_queue_has_one_cohort_at_a_time()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer a = await broker.ConnectAsync();
        await a.JoinAsync(cohort: "billing");
        RawPeer b = await broker.ConnectAsync();
        await b.SendAsync(50, RawPeer.Subscription() with { ConsumerGroup = "shipping" });
        string refusal = await b.ExpectErrorAsync(50, ErrorCode.Conflict);
        Assert.Contains("'billing'", refusal, StringComparison.Ordinal);
        await b.DeclareAsync(group: "eu");
        await b.SendAsync(51, RawPeer.Subscription(group: "eu") with { ConsumerGroup = "shipping" }); // another queue
        await b.ExpectAsync<SubscribeOkMessage>(51);
        await a.CloseAsync();
        await b.WhenQuietAsync();
        RawPeer c = await broker.ConnectAsync();
        await c.JoinAsync(cohort: "shipping");
    }

    [Fact] // G-12, G-13, G-14, G-46
    public async Task Plain_subscriptions_stand_by_while_there_is_a_cohort_and_compete_when_it_is_gone()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2);
        RawPeer plain = await broker.ConnectAsync();
        await plain.SubscribeAsync(prefetch: 10);
        await plain.SubscribeAsync(partition: 1, prefetch: 10);
        RawPeer member = await broker.ConnectAsync();
        await member.JoinAsync(0);
        await member.WhenQuietAsync();
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.PublishAsync(new TestPublish { Text = "0" });
        await publisher.PublishAsync(new TestPublish(Partition: 1) { Text = "1" }); // gated, and covered by nobody (G-12, G-46)
        Assert.Equal("0", Assert.Single(await member.DrainDeliveriesAsync()).Text);
        await plain.ExpectSilenceAsync();
        CohortReport report = broker.Queues.Cohorts.Report(Orders, 2)!;
        Assert.Equal([1], report.Uncovered);
        await member.CloseAsync();
        Assert.Equal(["0", "1"], (await plain.DrainDeliveriesAsync()).Select(static delivery => delivery.Text).Order());
        Assert.Null(broker.Queues.Cohorts.Report(Orders, 2));
    }

    [Fact] // G-16, G-17, COH-8
    public async Task A_moved_partition_waits_until_what_its_old_member_holds_is_settled()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2);
        RawPeer a = await broker.ConnectAsync();
        Guid memberA = (await JoinQuietlyAsync(a, 0)).MemberId!.Value;
        await JoinQuietlyAsync(a, 1);
        RawPeer publisher = await broker.ConnectAsync();
        foreach (uint partition in new uint[] { 0, 1 })
        {
            await publisher.PublishAsync(new TestPublish(Partition: partition) { Text = $"{partition} first" });
            await publisher.PublishAsync(new TestPublish(Partition: partition) { Text = $"{partition} second" });
        }

        List<ReceivedDelivery> held = await a.DrainDeliveriesAsync();
        Assert.Equal(4, held.Count);

        RawPeer b = await broker.ConnectAsync();
        await JoinQuietlyAsync(b, 0);
        await JoinQuietlyAsync(b, 1);
        await a.WhenQuietAsync();
        uint moved = Assert.Single(broker.Queues.Cohorts.Report(Orders, 2)!.Members, member => member.Id != memberA).Assigned.Select(static p => (uint)p).Single();
        await publisher.PublishAsync(new TestPublish(Partition: moved) { Text = "third" });
        await publisher.PublishAsync(new TestPublish(Partition: 1 - moved) { Text = "a goes on" });
        Assert.Empty(await b.DrainDeliveriesAsync());
        Assert.Equal("a goes on", Assert.Single(await a.DrainDeliveriesAsync()).Text);

        ReceivedDelivery[] ofMoved = [.. held.Where(delivery => delivery.Partition == moved)];
        await a.AckAsync(ofMoved[0]);
        Assert.Empty(await b.DrainDeliveriesAsync());
        await a.NackAsync(ofMoved[1], requeue: true); // released: it is the new member's now
        Assert.Equal([$"{moved} second", "third"], (await b.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        Assert.Empty(await a.DrainDeliveriesAsync());
    }

    [Fact] // G-17: expired counts as well
    public async Task A_member_that_never_settles_holds_a_moved_partition_up_for_a_lease_and_no_longer()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer plain = await broker.ConnectAsync();
        await plain.SubscribeAsync(prefetch: 10);
        await plain.PublishAllAsync("0");
        await plain.ExpectDeliveryAsync();
        RawPeer member = await broker.ConnectAsync();
        await member.JoinAsync();
        await member.WhenQuietAsync();
        await member.ExpectSilenceAsync();
        broker.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("0", (await member.ExpectDeliveryAsync()).Text);
        await plain.ExpectSilenceAsync();
    }

    [Fact] // G-24, G-25; V-29: target
    public async Task Targets_shape_the_split_and_too_small_ones_are_reported()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 4);
        RawPeer a = await broker.ConnectAsync();
        RawPeer b = await broker.ConnectAsync();
        foreach (uint partition in new uint[] { 0, 1, 2, 3 }) await JoinQuietlyAsync(a, partition, target: 1);
        Assert.True(broker.Queues.Cohorts.Report(Orders, 4)!.IsUnderProvisioned);
        foreach (uint partition in new uint[] { 0, 1, 2, 3 }) await JoinQuietlyAsync(b, partition, target: null);
        CohortReport report = broker.Queues.Cohorts.Report(Orders, 4)!;
        Assert.False(report.IsUnderProvisioned);
        Assert.Equal([1, 3], report.Members.Select(static member => member.Assigned.Count).Order());
        Assert.Empty(report.Uncovered);
    }

    [Fact] // G-25
    public async Task A_default_target_counts_for_members_that_name_none()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2, static cohorts => cohorts.DefaultTargetPerConsumer = 1);
        RawPeer a = await broker.ConnectAsync();
        await JoinQuietlyAsync(a, 0, target: null);
        await JoinQuietlyAsync(a, 1, target: null);
        CohortReport report = broker.Queues.Cohorts.Report(Orders, 2)!;
        Assert.True(report.IsUnderProvisioned);
        Assert.Equal(2, Assert.Single(report.Members).Assigned.Count); // nothing else changes
    }

    [Fact] // G-30, G-31, COH-7, REC-7
    public async Task A_dormant_member_keeps_its_partitions_and_is_restored_to_the_cohort()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer a = await broker.ConnectAsync();
        SubscribeOkMessage first = await JoinQuietlyAsync(a, 0);
        await JoinQuietlyAsync(a, 1);
        RawPeer b = await broker.ConnectAsync();
        await JoinQuietlyAsync(b, 0);
        await JoinQuietlyAsync(b, 1);
        ulong generation = broker.Queues.Cohorts.Report(Orders, 2)!.Generation;
        await a.ResetAsync();
        broker.Advance(TimeSpan.FromSeconds(4));
        await b.ExpectSilenceAsync();
        RawPeer again = await broker.ResumeAsync(a.Identity);
        SubscriptionDescriptor[] held =
        [
            new(first.SubscriptionId, "orders", 0, null, false, 10, "default", null, first.MemberId),
            new(99, "orders", 1, null, false, 10, "default", null, first.MemberId),
        ];
        IReadOnlyList<ReconcileVerdict> verdicts = await again.ReconcileAsync(ReconcilePolicy.Conservative, held);
        Assert.All(verdicts, verdict => Assert.Equal((ReconcileAction.Keep, "default", first.MemberId), (verdict.Action, verdict.Server!.ConsumerGroup, verdict.Server.MemberId)));
        Assert.Equal(generation, broker.Queues.Cohorts.Report(Orders, 2)!.Generation);

        // After the grace the session is gone; policy restore joins the same cohort as the same member.
        uint lost = (uint)broker.Queues.Cohorts.Report(Orders, 2)!.Members.Single(member => member.Id == first.MemberId).Assigned.Single();
        await again.ResetAsync();
        broker.Advance(TimeSpan.FromSeconds(6));
        await ExpectAssignedAsync(b, [0, 1], added: [lost], revoked: []);
        RawPeer third = await broker.ResumeAsync(a.Identity, ResumeOutcome.NotFound);
        verdicts = await third.ReconcileAsync(ReconcilePolicy.Restore, held);
        Assert.All(verdicts, verdict => Assert.Equal((ReconcileAction.Keep, CloseReason.ServerRestored), (verdict.Action, verdict.Code)));
        await third.WhenQuietAsync();
        Assert.Equal(2, broker.Queues.Cohorts.Report(Orders, 2)!.Members.Count);
        Assert.Contains(broker.Queues.Cohorts.Report(Orders, 2)!.Members, member => member.Id == first.MemberId);
    }

    [Fact] // G-34
    public async Task The_end_of_an_old_session_does_not_remove_a_member_that_has_come_back_in_a_new_one()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(5);
        RawPeer old = await broker.ConnectAsync();
        Guid member = (await JoinQuietlyAsync(old, 0)).MemberId!.Value;
        await old.ResetAsync();
        RawPeer fresh = await broker.ConnectAsync();
        await fresh.JoinAsync(0, memberId: member);
        await fresh.WhenQuietAsync();
        broker.Advance(TimeSpan.FromSeconds(6));
        await fresh.WhenQuietAsync();
        Assert.Equal([0], Assert.Single(broker.Queues.Cohorts.Report(Orders, 1)!.Members).Assigned);
        await fresh.PublishAllAsync("0");
        Assert.Equal("0", (await fresh.ExpectDeliveryAsync()).Text);
    }

    [Fact] // G-15
    public async Task The_assigned_member_gets_messages_in_order_whatever_members_come_and_go()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer member = await broker.ConnectAsync();
        await JoinQuietlyAsync(member, 0);
        RawPeer publisher = await broker.ConnectAsync();
        for (int i = 0; i < 20; i++)
        {
            RawPeer visitor = await broker.ConnectAsync();
            await visitor.JoinAsync(0);
            await publisher.PublishAllAsync($"{i}");
            ReceivedDelivery delivery = await member.ExpectDeliveryAsync();
            Assert.Equal($"{i}", delivery.Text);
            await member.AckAsync(delivery);
            await visitor.ExpectSilenceAsync(); // it stands by (G-23)
            await visitor.CloseAsync();
        }
    }

    [Fact] // G-33, X-1: pushes wait for the handshake
    public async Task What_changes_while_a_member_is_away_is_told_when_it_can_be_told_again()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 2);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(30);
        RawPeer a = await broker.ConnectAsync();
        SubscribeOkMessage s0 = await JoinQuietlyAsync(a, 0);
        SubscribeOkMessage s1 = await JoinQuietlyAsync(a, 1);
        await a.ResetAsync();
        RawPeer b = await broker.ConnectAsync();
        await JoinQuietlyAsync(b, 0);
        await JoinQuietlyAsync(b, 1);
        RawPeer again = await broker.ResumeAsync(a.Identity);
        SubscriptionDescriptor Held(SubscribeOkMessage s) => new(s.SubscriptionId, "orders", s.Partition, null, false, 10, "default", null, s.MemberId);
        await again.ReconcileAsync(ReconcilePolicy.Conservative, Held(s0), Held(s1));
        AssignmentChangedMessage news = await again.ExpectAssignmentAsync();
        Assert.Single(news.Assigned);
        Assert.Single(news.Revoked);
        Assert.Empty(news.Added);
    }

    [Fact] // COH-6, G-33: the connection may have taken the push with it
    public async Task A_member_that_comes_back_is_told_its_assignment_again()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(30);
        RawPeer member = await broker.ConnectAsync();
        SubscribeOkMessage joined = await member.JoinAsync(0);
        AssignmentChangedMessage told = await member.ExpectAssignmentAsync();
        await member.ResetAsync();
        RawPeer again = await broker.ResumeAsync(member.Identity);
        await again.ReconcileAsync(
            ReconcilePolicy.Conservative, new SubscriptionDescriptor(joined.SubscriptionId, "orders", 0, null, false, 10, "default", null, joined.MemberId));
        Assert.Equal(told.Generation, (await ExpectAssignedAsync(again, [0], added: [], revoked: [])).Generation);
        await again.ExpectSilenceAsync(); // once
    }

    [Fact] // COH-4, COH-5: the client never learned of another one
    public async Task A_member_that_was_refused_may_still_choose_its_id()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer present = await broker.ConnectAsync();
        await present.JoinAsync(cohort: "billing");
        RawPeer peer = await broker.ConnectAsync();
        await RefuseJoinAsync(peer, 0, memberId: null, ErrorCode.Conflict);
        var chosen = Guid.NewGuid();
        Assert.Equal(chosen, (await peer.JoinAsync(memberId: chosen, topic: "others")).MemberId);
    }

    [Fact] // COH-7, G-22: its partitions move once, when all of them are free
    public async Task A_member_leaves_all_its_partitions_at_once()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 3);
        broker.Resume.ReconnectGrace = TimeSpan.FromSeconds(10);
        RawPeer leaving = await broker.ConnectAsync();
        RawPeer staying = await broker.ConnectAsync();
        for (uint partition = 0; partition < 3; partition++)
        {
            await leaving.PublishAsync(new TestPublish(Partition: partition) { NotBefore = broker.NowMs + 1_000_000 });
            await JoinQuietlyAsync(leaving, partition);
            await JoinQuietlyAsync(staying, partition);
        }

        await leaving.WhenQuietAsync();
        await leaving.CloseAsync();
        broker.ChokeOrders(partitionCount: 3);
        broker.Advance(TimeSpan.FromSeconds(5)); // grace is over, and the end waits for the first partition
        int members = broker.Queues.Cohorts.Report(Orders, 3)!.Members.Count;
        broker.Threads.ResumeWork();
        Assert.Equal(1, members);
    }

    [Fact] // COH-6: a client compares what this broker says with what its last run said
    public async Task Generations_go_on_growing_after_a_restart()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer before = await broker.ConnectAsync();
        await before.JoinAsync();
        ulong generation = (await before.ExpectAssignmentAsync()).Generation;

        var later = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(broker.Time.GetUtcNow().AddSeconds(1));
        await using SessionHarness next = SessionHarness.WithoutPushes(time: later);
        RawPeer after = await next.ConnectAsync();
        await after.JoinAsync();
        Assert.True((await after.ExpectAssignmentAsync()).Generation > generation);
    }

    [Fact] // G-11, G-32: the gate stays as it is until there is another plan
    public void Until_the_next_plan_a_partition_of_a_member_that_left_is_silent()
    {
        var work = new HeldWork();
        CohortPlan? inForce = null;
        var cohorts = new CohortRegistry(new CohortOptions(), work, (_, plan) => inForce = plan);
        var a = new Membership(Guid.NewGuid(), null, 0, new NobodyToTell());
        var b = new Membership(Guid.NewGuid(), null, 0, new NobodyToTell());
        Assert.True(cohorts.TryJoin(Orders, "default", a, out _));
        Assert.True(cohorts.TryJoin(Orders, "default", b, out _));
        Assert.Null(inForce);
        work.RunAll();
        Guid assigned = inForce!.MemberOf(0)!.Value;
        cohorts.Leave(Orders, assigned == a.MemberId ? a : b);
        Assert.Equal(assigned, inForce.MemberOf(0)); // nobody else yet
        work.RunAll();
        Assert.NotEqual(assigned, inForce.MemberOf(0));
    }

    [Fact] // G-10, with a deleted queue between
    public async Task A_queue_that_was_deleted_and_declared_again_has_no_cohort()
    {
        await using SessionHarness broker = await NewBrokerAsync(partitions: 1);
        RawPeer member = await broker.ConnectAsync();
        await JoinQuietlyAsync(member, 0);
        await broker.Queues.DeleteAsync(Orders);
        Assert.Equal(CloseReason.TopicDeleted, (await member.ExpectPushAsync<SubscriptionClosedMessage>()).Code);
        RawPeer plain = await broker.ConnectAsync();
        await plain.PublishAllAsync("0");
        await plain.SubscribeAsync();
        Assert.Equal("0", (await plain.ExpectDeliveryAsync()).Text);
        Assert.Null(broker.Queues.Cohorts.Report(Orders, 1));
    }

    private static async Task<SessionHarness> NewBrokerAsync(int partitions, Action<CohortOptions>? configure = null)
    {
        SessionHarness broker = SessionHarness.WithoutPushes();
        configure?.Invoke(broker.Cohorts);
        await broker.Queues.DeclareAsync(Orders, new Fibril.Broker.Queues.Catalogue.QueueDeclaration(partitions, null, null, null));
        return broker;
    }

    private static async Task<SubscribeOkMessage> JoinQuietlyAsync(RawPeer peer, uint partition, uint? target = null)
    {
        SubscribeOkMessage joined = await peer.JoinAsync(partition, target: target);
        await peer.WhenQuietAsync();
        return joined;
    }

    private static async Task<string> RefuseJoinAsync(RawPeer peer, uint partition, Guid? memberId, ErrorCode code)
    {
        ulong id = peer.NewId();
        await peer.SendAsync(id, RawPeer.Subscription(partition: partition) with { ConsumerGroup = "default", MemberId = memberId });
        return await peer.ExpectErrorAsync(id, code);
    }

    private static async Task<AssignmentChangedMessage> ExpectAssignedAsync(RawPeer peer, uint[] assigned, uint[] added, uint[] revoked)
    {
        AssignmentChangedMessage push = await peer.ExpectAssignmentAsync();
        AssertAssigned(push, assigned, added, revoked);
        return push;
    }

    private static void AssertAssigned(AssignmentChangedMessage push, uint[] assigned, uint[] added, uint[] revoked)
    {
        Assert.Equal(assigned, push.Assigned);
        Assert.Equal(added, push.Added);
        Assert.Equal(revoked, push.Revoked);
        Assert.Equal(("orders", "default"), (push.Topic, push.ConsumerGroup));
    }

    private sealed class HeldWork : Fibril.Broker.Partitions.IWorkScheduler
    {
        private readonly Queue<IThreadPoolWorkItem> _work = new();

        public void Schedule(IThreadPoolWorkItem work) => _work.Enqueue(work);

        public void RunAll()
        {
            while (_work.TryDequeue(out IThreadPoolWorkItem? work)) work.Execute();
        }
    }

    private sealed class NobodyToTell : IAssignmentSink
    {
        public void Assigned(QueueName queue, string cohort, ulong generation, IReadOnlyList<int> partitions)
        {
        }

        public void Left(QueueName queue, string cohort)
        {
        }
    }
}
