using Fibril.Broker.Channels;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>An operator empties a queue.</summary>
public sealed class PurgeTests
{
    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Theory, MemberData(nameof(Endings))] // M-1, M-2
    public void Everything_that_nobody_holds_is_settled_for_good_and_what_is_held_stays(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Publish("held", "ready");
        queue.Publish("delayed", delay: OneSecond);
        queue.Publish("expiring", timeToLive: TimeSpan.FromSeconds(30));
        Consumer consumer = queue.Subscribe();
        Assert.Equal(3, Purge(queue));
        Assert.Equal(1, queue.Harness.Partition.ActiveCount);
        queue.Publish("after");
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal(["held", "after"], consumer.Texts);

        queue.Restart(ending, downtime: TimeSpan.FromSeconds(2));
        Assert.Equal(["after"], queue.Subscribe(prefetch: 10).Texts);
        queue.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, queue.Harness.Partition.ActiveCount);
    }

    [Fact] // S-28
    public void The_room_of_a_purged_backlog_is_free_again()
    {
        using var queue = new QueueScenario();
        for (int i = 0; i < 12; i++) queue.Publish(new string('x', 8 << 10));
        Assert.True(queue.MessageSegments.Count > 4);
        Assert.Equal(12, Purge(queue));
        queue.Advance(OneSecond);
        Assert.Single(queue.MessageSegments);
    }

    [Fact]
    public void A_partition_that_does_not_serve_is_not_purged()
    {
        using var queue = new QueueScenario();
        queue.Publish("a");
        queue.Harness.Stop();
        Task<long> purged = queue.Harness.Partition.PurgeAsync();
        queue.Harness.Run();
        Assert.IsType<PartitionNotServingException>(purged.Exception?.InnerException);
    }

    private static long Purge(QueueScenario queue)
    {
        Task<long> purged = queue.Harness.Partition.PurgeAsync();
        queue.Harness.Run();
        return purged.GetAwaiter().GetResult();
    }
}
