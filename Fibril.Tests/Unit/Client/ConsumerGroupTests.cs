using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>Exclusive consumer groups from the client's side.</summary>
public sealed class ConsumerGroupTests
{
    private static readonly Guid Member = new("7d44b2a0-93c1-4f0e-b6de-10aa55cc77ee");

    [Fact] // G-3, G-4, COH-2, COH-5
    public async Task The_first_answer_gives_the_member_id_that_every_later_subscribe_names_to_every_broker()
    {
        await using ScriptedCluster cluster = await ScriptedCluster.StartAsync(2, static cluster => cluster.Topology(1, version: 0, 0, 1, 0));
        Task<Subscription> subscribing = cluster.Client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerTarget = 2 });
        SubscribeMessage first = await AcceptAsync(cluster.Home, 1);
        Assert.Equal((0U, "default", 2U, null), (first.Partition, first.ConsumerGroup, first.ConsumerTarget, first.MemberId));
        ScriptedPeer other = await cluster.AcceptAsync(1);
        SubscribeMessage second = await AcceptAsync(other, 1);
        SubscribeMessage third = await AcceptAsync(cluster.Home, 2);
        Assert.Equal([(1U, Member), (2U, Member)], [(second.Partition, second.MemberId!.Value), (third.Partition, third.MemberId!.Value)]);
        await Patience.Wait(subscribing);

        Task<Subscription> another = cluster.Client.SubscribeAsync("other", new SubscribeOptions { Exclusive = true, ConsumerGroup = "billing" });
        SubscribeMessage fourth = await AcceptAsync(cluster.Home, 3);
        Assert.Equal(("billing", Member), (fourth.ConsumerGroup, fourth.MemberId!.Value));
        await Patience.Wait(another);
    }

    [Fact] // REC-7, R-20: group, target and member are listed
    public async Task A_reconciliation_lists_the_membership()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerTarget = 3 });
        await AcceptAsync(session.Peer, 1);
        await Patience.Wait(subscribing);
        await session.LoseConnectionAsync();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        ReconcileClientMessage listed = await peer.AnswerReconciliationAsync(ReconcileAction.RecreateClientSide, CloseReason.Recreate);
        Assert.Equal(new SubscriptionDescriptor(1, "orders", 0, null, false, 32, "default", 3, Member), Assert.Single(listed.Subscriptions));
        Assert.Equal(Member, (await AcceptAsync(peer, 1)).MemberId);
    }

    [Fact] // COH-6
    public async Task Assignments_can_be_watched()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await using IAsyncEnumerator<FibrilClientEvent> events = session.Client.WatchEventsAsync().GetAsyncEnumerator();
        session.Peer.Send(19, new AssignmentChangedMessage("orders", null, "default", 6, [0, 1, 2], [2], []));
        Assert.True(await Patience.Wait(events.MoveNextAsync()));
        var assigned = Assert.IsType<PartitionsAssigned>(events.Current);
        Assert.Equal(("orders", null, "default", 6L), (assigned.Topic, assigned.Group, assigned.ConsumerGroup, assigned.Generation));
        Assert.Equal([0, 1, 2], assigned.Assigned);
        Assert.Equal([2], assigned.Added);
        Assert.Empty(assigned.Revoked);
    }

    [Fact] // G-2, COH-1
    public async Task Another_group_on_the_queue_is_a_conflict()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerGroup = "b" });
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "held by 'a'", OpCode.SubscribeErr);
        Assert.Equal(ErrorCode.Conflict, (await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(subscribing))).Code);

        // Nothing was learnt from the refusal, and nobody is held up by it.
        subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerGroup = "a" });
        Assert.Null((await AcceptAsync(session.Peer, 1)).MemberId);
        await Patience.Wait(subscribing);
    }

    public static TheoryData<SubscribeOptions> Nonsense =>
    [
        new SubscribeOptions { ConsumerGroup = "a" },
        new SubscribeOptions { ConsumerTarget = 1 },
        new SubscribeOptions { Exclusive = true, ConsumerTarget = 0 },
        new SubscribeOptions { Exclusive = true, ConsumerGroup = "" },
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Options_that_make_no_sense_are_refused_here(SubscribeOptions options)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => session.Client.SubscribeAsync("orders", options));
    }

    private static async Task<SubscribeMessage> AcceptAsync(ScriptedPeer peer, ulong subscriptionId)
    {
        SentFrame frame = await peer.SkipToAsync(OpCode.Subscribe);
        SubscribeMessage request = frame.Read<SubscribeMessage>();
        peer.Send(frame.Id, new SubscribeOkMessage(
            subscriptionId, request.Topic, request.Partition, request.Group, request.Prefetch,
            request.ConsumerGroup, request.ConsumerTarget, request.MemberId ?? Member));
        return request;
    }
}
