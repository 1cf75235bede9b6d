using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What operators do with messages, through the whole broker: its connections, registry and threads, on a simulated disk.</summary>
public sealed class RegistryMessagesTests
{
    private static readonly PartitionId Orders = new(new QueueName("orders", null), 0);
    private static readonly PartitionId Graveyard = new(new QueueName("graveyard", null), 0);

    [Fact] // I-30, O-1, D-60 to D-66, L-27
    public async Task A_failed_message_is_found_told_of_copied_moved_and_removed()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", policy: DeadLetterPolicy.Custom("graveyard", null));
        await peer.DeclareAsync("graveyard", count: 1);
        await peer.PublishAllAsync("a", "b");
        await peer.SubscribeAsync(prefetch: 2);
        foreach (ReceivedDelivery delivery in new[] { await peer.ExpectDeliveryAsync(), await peer.ExpectDeliveryAsync() })
            await peer.NackAsync(delivery, requeue: false);
        await WhenDeadAsync(broker, count: 2);

        InspectionPage page = await Patience.Wait(broker.Queues.InspectAsync(Graveyard, new InspectionRequest { PreviewBytes = 10 }));
        Assert.Equal(["a", "b"], page.Messages.Select(static message => System.Text.Encoding.UTF8.GetString(message.Content.Preview!)));

        Assert.Equal(1, (await Patience.Wait(broker.Queues.ReplayAsync(Graveyard, [0], ReplayMode.Copy))).Replayed);
        Assert.Equal("a", (await peer.ExpectDeliveryAsync()).Text);
        ReplayJob job = broker.Queues.StartReplay(new BulkReplayRequest(Graveyard.Queue) { Mode = ReplayMode.Move, MostMessages = 1 });
        await Patience.Wait(job.Ended);
        Assert.Equal((ReplayState.Completed, 1L), (job.Progress.State, job.Progress.Replayed));
        Assert.Same(job, broker.Queues.FindReplay(job.Id));

        MessageStory story = (await Patience.Wait(broker.Queues.TellStoryAsync(Graveyard, 0)))!;
        Assert.Equal([new MessageLink(Orders, 2), new MessageLink(Orders, 3)], story.Copies);
        Assert.Equal(new MessageLink(Orders, 0), story.SourceMessage);
        Assert.Equal("replayed", story.Events[^1].Reason);

        IReadOnlyList<Removal> removals = await Patience.Wait(broker.Queues.SettleMessagesAsync(Graveyard, [1, 0]));
        Assert.Equal([new Removal(1, RemovalOutcome.Removed), new Removal(0, RemovalOutcome.SettledAlready)], removals);
        Assert.Empty((await Patience.Wait(broker.Queues.InspectAsync(Graveyard, new InspectionRequest()))).Messages);
        IEnumerable<int> logged = broker.Log.Lines.Select(static line => line.Event).Where(static id => id is >= 2160 and < 2170);
        Assert.Equal([2160, 2161, 2163, 2164], logged.Order());
    }

    [Fact] // I-30, O-6: a question loads a partition, and brings no queue into being
    public async Task What_does_not_exist_is_not_made_by_asking_for_it()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", count: 2);
        Assert.Empty(broker.Queues.Loaded);
        Assert.Empty((await Patience.Wait(broker.Queues.InspectAsync(new PartitionId(Orders.Queue, 1), new InspectionRequest()))).Messages);
        Assert.Equal(1, Assert.Single(broker.Queues.Loaded).Id.Partition);

        foreach (PartitionId missing in new PartitionId[] { new(Orders.Queue, 2), new(Orders.Queue, -1), Graveyard })
        {
            await Assert.ThrowsAsync<UnknownPartitionException>(() => broker.Queues.InspectAsync(missing, new InspectionRequest()));
            await Assert.ThrowsAsync<UnknownPartitionException>(() => broker.Queues.TellStoryAsync(missing, 0));
            await Assert.ThrowsAsync<UnknownPartitionException>(() => broker.Queues.ReplayAsync(missing, [0], ReplayMode.Copy));
            await Assert.ThrowsAsync<UnknownPartitionException>(() => broker.Queues.SettleMessagesAsync(missing, [0]));
            var request = new BulkReplayRequest(missing.Queue) { Partition = missing.Partition };
            Assert.Throws<UnknownPartitionException>(() => broker.Queues.StartReplay(request));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => broker.Queues.SettleMessagesAsync(Orders, []));
        await Assert.ThrowsAsync<ArgumentException>(() => broker.Queues.SettleMessagesAsync(Orders, new long[101]));
        Assert.Single(broker.Queues.Catalogue.All);
    }

    [Fact] // S-60
    public async Task A_stop_of_the_broker_ends_its_replays()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", policy: DeadLetterPolicy.Custom("graveyard", null));
        await peer.DeclareAsync("graveyard", count: 1);
        await peer.PublishAllAsync("a", "b", "c");
        await peer.SubscribeAsync(prefetch: 3);
        for (int i = 0; i < 3; i++) await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        await WhenDeadAsync(broker, count: 3);

        ReplayJob job = broker.Queues.StartReplay(new BulkReplayRequest(Graveyard.Queue) { Mode = ReplayMode.Move, MostPerSecond = 1 });
        await Patience.Until(() => job.Progress.Replayed == 1);
        await broker.StopAsync();
        Assert.Equal((ReplayState.Interrupted, 1L), (job.Progress.State, job.Progress.Replayed));
        Assert.Throws<IOException>(() => broker.Queues.StartReplay(new BulkReplayRequest(Graveyard.Queue)));
    }

    [Theory] // an idle queue is unloaded while its operator thinks it over, and a queue of the same name is another one
    [InlineData("unloaded", 2)]
    [InlineData("deleted and declared anew", 0)]
    public async Task Copies_are_withdrawn_from_the_queue_that_they_went_to_and_from_no_other(string meanwhile, long withdrawn)
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync("orders", policy: DeadLetterPolicy.Custom("graveyard", null));
        await peer.DeclareAsync("graveyard", count: 1);
        await peer.DeclareAsync("repair", count: 1);
        await peer.PublishAllAsync("a", "b");
        await peer.SubscribeAsync(prefetch: 2);
        for (int i = 0; i < 2; i++) await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        await WhenDeadAsync(broker, count: 2);

        var repair = new QueueName("repair", null);
        ReplayJob job = broker.Queues.StartReplay(new BulkReplayRequest(Graveyard.Queue) { Target = repair });
        await Patience.Wait(job.Ended);
        Assert.Equal(2, job.Progress.Undoable);
        if (meanwhile == "unloaded")
        {
            Assert.Equal(UnloadOutcome.Unloaded, await Patience.Wait(broker.Queues.UnloadAsync(new PartitionId(repair, 0))));
        }
        else
        {
            await Patience.Wait(broker.Queues.DeleteAsync(repair));
            await peer.DeclareAsync("repair", count: 1);
            await Patience.Wait(broker.Queues.ReplayAsync(Graveyard, [0, 1], ReplayMode.Copy, repair));
        }

        UndoReport report = await Patience.Wait(job.UndoAsync());
        Assert.Equal((withdrawn, 2 - withdrawn, 0), (report.Withdrawn, report.TooLate, report.Left));
        InspectionPage left = await Patience.Wait(broker.Queues.InspectAsync(new PartitionId(repair, 0), new InspectionRequest()));
        Assert.Equal(2 - withdrawn, left.Messages.Count);
    }

    /// <summary>Completes when so many dead letters are there: no event tells.</summary>
    private static async Task WhenDeadAsync(SessionHarness broker, int count)
    {
        InspectionPage page;
        do page = await Patience.Wait(broker.Queues.InspectAsync(Graveyard, new InspectionRequest()));
        while (page.Messages.Count < count);
    }
}
