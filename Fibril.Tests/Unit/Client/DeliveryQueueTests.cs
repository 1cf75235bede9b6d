using Fibril.Client;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

public sealed class DeliveryQueueTests
{
    private static readonly SubscriptionLeg Leg = new(null!, TestSpecs.Queue("orders", prefetch: 8), partition: 0, incarnation: 1);

    [Fact]
    public async Task One_read_wakes_a_waiting_reader_once()
    {
        var queue = new DeliveryQueue(100);
        ValueTask<bool> waiting = queue.MoveNextAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        queue.Add(Messages(1, 3));
        Assert.True(await waiting);
        Assert.Equal(1, queue.Current!.Offset);
        for (int offset = 2; offset <= 3; offset++)
        {
            ValueTask<bool> next = queue.MoveNextAsync(CancellationToken.None);
            Assert.True(next.IsCompletedSuccessfully); // without waiting
            Assert.True(await next);
            Assert.Equal(offset, queue.Current!.Offset);
        }

        Assert.False(queue.HasBuffered);
    }

    [Fact]
    public async Task More_than_the_capacity_drops_the_oldest()
    {
        var queue = new DeliveryQueue(4);
        Assert.Equal(0, queue.Add(Messages(1, 4)));
        Assert.Equal(2, queue.Add(Messages(5, 2)));
        Assert.Equal([3L, 4L, 5L, 6L], await DrainAsync(queue));
        Assert.Equal(6, queue.Add(Messages(10, 10)));
        Assert.Equal([16L, 17L, 18L, 19L], await DrainAsync(queue));
    }

    [Fact] // a partition that came back has the room of its own void deliveries, not of its neighbours
    public async Task Deliveries_that_come_again_make_room_before_any_other_is_dropped()
    {
        var replaced = new SubscriptionLeg(null!, TestSpecs.Queue("orders", prefetch: 2), partition: 1, incarnation: 1);
        var queue = new DeliveryQueue(4);
        queue.Add(Messages(1, 2));
        queue.Add(Messages(11, 2, replaced));
        replaced.NoteReplaced();
        Assert.Equal(0, queue.Add(Messages(21, 2)));
        Assert.Equal([1L, 2L, 21L, 22L], await DrainAsync(queue));
    }

    [Fact]
    public async Task What_the_broker_has_settled_is_never_dropped()
    {
        var queue = new DeliveryQueue(4, canDrop: false);
        Assert.Equal(0, queue.Add(Messages(1, 6)));
        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], await DrainAsync(queue));
    }

    [Fact]
    public async Task The_end_comes_behind_everything_and_stays()
    {
        var queue = new DeliveryQueue(4);
        queue.Add(Messages(1, 2));
        queue.End(new FibrilConnectionException("gone"));
        queue.End(error: null); // the first end counts
        Assert.Equal(0, queue.Add(Messages(3, 1)));
        Assert.True(await queue.MoveNextAsync(CancellationToken.None));
        Assert.True(await queue.MoveNextAsync(CancellationToken.None));
        for (int i = 0; i < 2; i++)
            await Assert.ThrowsAsync<FibrilConnectionException>(async () => await queue.MoveNextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Closing_forgets_what_waits_and_wakes_the_reader()
    {
        var queue = new DeliveryQueue(4);
        queue.Add(Messages(1, 2));
        Assert.True(await queue.MoveNextAsync(CancellationToken.None));
        queue.Close();
        Assert.False(await queue.MoveNextAsync(CancellationToken.None));

        var other = new DeliveryQueue(4);
        ValueTask<bool> waiting = other.MoveNextAsync(CancellationToken.None);
        other.Close();
        Assert.False(await waiting);
    }

    [Fact]
    public async Task Room_is_waited_for_until_the_reader_has_taken_what_there_was()
    {
        var queue = new DeliveryQueue(4);
        queue.Add(Messages(1, 4));
        Assert.False(queue.IsFullWith(0)); // there is no reader yet
        queue.Open();
        Assert.True(queue.IsFullWith(0));
        Task room = queue.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        Assert.True(await queue.MoveNextAsync(CancellationToken.None));
        await Patience.Wait(room);
        Assert.False(queue.IsFullWith(3));
        Assert.True(queue.IsFullWith(4));

        queue.Add(Messages(5, 4));
        room = queue.WaitForRoomAsync();
        queue.End(error: null);
        await Patience.Wait(room);
        Assert.False(queue.IsFullWith(100)); // nobody has to wait any more
        await Patience.Wait(queue.WaitForRoomAsync());
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_between_writers_a_reader_and_cancellations()
    {
        int seed = Environment.TickCount;
        int count = TestScale.Iterations(20_000);
        var queue = new DeliveryQueue(int.MaxValue);
        Task[] writers = [.. Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            var random = new Random(seed + writer);
            for (int offset = 1; offset <= count;)
            {
                int batch = Math.Min(random.Next(1, 40), count + 1 - offset);
                queue.Add(Messages(((long)writer << 40) + offset, batch));
                offset += batch;
            }
        }))];
        long[] last = [0, 1L << 40];
        var choice = new Random(seed + 2);
        for (int received = 0; received < 2 * count;)
        {
            using var cancellation = new CancellationTokenSource();
            ValueTask<bool> next = queue.MoveNextAsync(cancellation.Token);
            if (!next.IsCompleted && choice.Next(4) == 0) _ = Task.Run(cancellation.Cancel);
            try
            {
                Assert.True(await Patience.Wait(next), $"seed {seed}");
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            long offset = queue.Current!.Offset;
            ref long before = ref last[offset >> 40];
            Assert.True(offset == before + 1, $"seed {seed}: {offset} came after {before}");
            before = offset;
            received++;
        }

        await Patience.Wait(Task.WhenAll(writers));
        Assert.False(queue.HasBuffered);
    }

    private static async Task<List<long>> DrainAsync(DeliveryQueue queue)
    {
        var offsets = new List<long>();
        while (queue.HasBuffered && await queue.MoveNextAsync(CancellationToken.None)) offsets.Add(queue.Current!.Offset);
        return offsets;
    }

    private static ReceivedMessage[] Messages(long first, int count, SubscriptionLeg? leg = null)
    {
        var messages = new ReceivedMessage[count];
        for (int i = 0; i < count; i++)
            messages[i] = new ReceivedMessage(leg ?? Leg, 0, new DeliverMessage { Topic = "orders"u8, Offset = (ulong)(first + i) });
        return messages;
    }
}
