using Fibril.Client;
using Fibril.Client.Connection;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>Replies are used again and again; nobody may ever see the outcome of another publish.</summary>
public sealed class PublishReplyTests
{
    private static readonly QueueAddress Orders = QueueAddress.Create("orders", null);

    [Fact]
    public async Task A_reply_is_used_again_after_both_sides_let_go()
    {
        var pool = new PublishReplyPool(10);
        PublishReply first = pool.Rent(Orders, 0);
        ValueTask<long> outcome = first.AsValueTask(CancellationToken.None);
        first.Confirm(7);
        Assert.NotSame(first, pool.Rent(Orders, 0)); // not awaited yet
        Assert.Equal(7, await outcome);
        Assert.Same(first, pool.Rent(Orders, 0));
    }

    [Fact]
    public async Task A_cancelled_publish_keeps_its_reply_until_the_answer_comes()
    {
        var pool = new PublishReplyPool(10);
        PublishReply reply = pool.Rent(Orders, 0);
        using var cancellation = new CancellationTokenSource();
        ValueTask<long> outcome = reply.AsValueTask(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await outcome);
        Assert.NotSame(reply, pool.Rent(Orders, 0));
        reply.Confirm(7); // late, for nobody
        Assert.Same(reply, pool.Rent(Orders, 0));
    }

    [Fact]
    public async Task The_pool_keeps_no_more_than_its_capacity()
    {
        var pool = new PublishReplyPool(2);
        PublishReply[] replies = [pool.Rent(Orders, 0), pool.Rent(Orders, 0), pool.Rent(Orders, 0)];
        foreach (PublishReply reply in replies)
        {
            ValueTask<long> outcome = reply.AsValueTask(CancellationToken.None);
            reply.Confirm(1);
            await outcome;
        }

        PublishReply[] again = [pool.Rent(Orders, 0), pool.Rent(Orders, 0), pool.Rent(Orders, 0)];
        Assert.Equal(2, again.Intersect(replies).Count());
    }

    [Fact]
    public void Confirming_allocates_nothing_once_there_are_replies()
    {
        var pool = new PublishReplyPool(10);
        var pending = new PendingReplies(16, firstId: 4);
        Cycle(pool, pending);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Cycle(pool, pending);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Cycle(PublishReplyPool pool, PendingReplies pending)
        {
            PublishReply reply = pool.Rent(Orders, 0);
            ulong id = pending.Add(reply);
            ValueTask<long> outcome = reply.AsValueTask(CancellationToken.None);
            ((PublishReply)pending.Take(id)!).Confirm(id);
            pending.Release(1);
            if (!outcome.IsCompleted || outcome.Result != (long)id) throw new InvalidOperationException("The outcome is another one.");
        }
    }

    [Fact]
    public async Task Answers_cancellations_and_awaits_may_meet_in_any_order()
    {
        var pool = new PublishReplyPool(64);
        int rounds = TestScale.Iterations(3_000);
        long cancelled = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), async (worker, _) =>
        {
            for (int i = 0; i < rounds; i++)
            {
                long offset = ((long)worker << 32) + i;
                PublishReply reply;
                lock (pool) reply = pool.Rent(Orders, 0);
                using var cancellation = new CancellationTokenSource();
                ValueTask<long> outcome = reply.AsValueTask(cancellation.Token);
                Task answer = Task.Run(() => reply.Confirm((ulong)offset), CancellationToken.None);
                Task cancel = i % 2 == 0 ? Task.Run(cancellation.Cancel, CancellationToken.None) : Task.CompletedTask;
                try
                {
                    Assert.Equal(offset, await outcome);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }

                await Task.WhenAll(answer, cancel);
            }
        });
        Assert.InRange(cancelled, 0, 2 * rounds);
    }

    [Fact]
    public void Ids_only_grow_and_skip_places_that_are_taken()
    {
        var pending = new PendingReplies(4, firstId: 4);
        var old = new Request<PongMessage>("a ping");
        Assert.Equal(4UL, pending.Add(old));
        ulong last = 4;
        for (int i = 0; i < 10; i++)
        {
            ulong id = pending.Add(new Request<PongMessage>("a ping"));
            Assert.True(id > last && id % 4 != 0);
            Assert.NotNull(pending.Take(id));
            Assert.Null(pending.Take(id));
            pending.Release(1);
            last = id;
        }

        Assert.Null(pending.Take(last + 4)); // another id at a place that is free
        Assert.Null(pending.Take(8));        // another id at the place of the old one
        Assert.Same(old, pending.Take(4));
        Assert.Equal(1, pending.Count);      // until the places are counted as free
    }
}
