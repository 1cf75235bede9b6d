using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What queues leave behind in memory when they are unloaded.</summary>
[Collection(MeasuresTheProcess.Name)]
public sealed class IdleQueueMemoryTests
{
    [Fact] // I-42, L-44: measured in what the garbage collector finds alive
    public async Task Loading_and_unloading_the_same_queues_again_and_again_takes_no_more_memory()
    {
        await using var broker = new SessionHarness();
        await LoadAndUnloadAsync(broker, queues: 50); // what is made once
        long first = await LoadAndUnloadAsync(broker, queues: 50);
        long last = 0;
        for (int cycle = 0; cycle < 5; cycle++) last = await LoadAndUnloadAsync(broker, queues: 50);
        long perLoad = (last - first) / (5 * 50);
        Assert.True(perLoad < 4 << 10, $"{first} bytes became {last}: {perLoad} for each time that a queue was loaded");
    }

    private static async Task<long> LoadAndUnloadAsync(SessionHarness broker, int queues)
    {
        for (int i = 0; i < queues; i++)
        {
            var id = new PartitionId(new QueueName($"queue{i}", null), 0);
            (await broker.Queues.AcquireAsync(id, PartitionUse.Visit)).Dispose();
            Assert.Equal(UnloadOutcome.Unloaded, await Patience.Wait(broker.Queues.UnloadAsync(id)));
        }

        await broker.WhenIdleAsync();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
