using Fibril.Broker.Log.Records;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Producers;
using Fibril.Broker.Queues.State;

namespace Fibril.Tests.Unit.Queues;

/// <summary>The rules without a partition around them: reasons, the frontier, replay, and what the state costs in memory.</summary>
public sealed class QueueStateTests
{
    private const int Many = 200_000;

    private readonly RecordedEvents _events = new();
    private readonly QueueSubscription _consumer = new(new NoOutput(), int.MaxValue, autoAck: false, "a consumer");
    private readonly QueueState _state;
    private ulong _nextTag = 1;

    public QueueStateTests() => _state = new QueueState(_events);

    [Fact] // D-13, D-15, D-31, M-22, M-40
    public void Every_settlement_says_its_reason()
    {
        AdmitWithDeadlines(5, deadline: 1000);
        ulong[] tags = [.. Enumerable.Range(0, 4).Select(_ => Lease(At(0)))];
        _state.ExpireMessages(At(1000), max: 100);
        _state.Complete(tags[0], _consumer);
        _state.Fail(tags[1], _consumer);
        _state.Retry(tags[2], _consumer, notBefore: 0, maxRetries: 0, At(1000));
        _state.Retry(tags[3], _consumer, notBefore: 0, maxRetries: null, At(1000));

        Assert.Equal(
            [
                (4L, SettleReason.Expired),
                (0L, SettleReason.Completed),
                (1L, SettleReason.Failed),
                (2L, SettleReason.RetriesExhausted),
                (3L, SettleReason.Expired),
            ],
            _events.Settlements);
        Assert.Equal([(3L, 1, 0L)], _events.Retries);
    }

    [Fact] // M-6
    public void The_frontier_passes_a_whole_settled_run_at_once()
    {
        _state.AdmitReady(new OffsetRange(0, 6));
        ulong[] tags = [.. Enumerable.Range(0, 6).Select(_ => Lease(At(0)))];
        foreach (int i in (int[])[1, 2, 4])
        {
            _state.Complete(tags[i], _consumer);
            Assert.Equal(0, _state.SettledFrontier);
        }

        _state.Complete(tags[0], _consumer);
        Assert.Equal(3, _state.SettledFrontier);
        _state.Complete(tags[3], _consumer);
        Assert.Equal(5, _state.SettledFrontier);
    }

    [Fact] // M-5
    public void Settlements_far_from_the_frontier_are_not_forgotten()
    {
        _state.AdmitReady(new OffsetRange(0, Many));
        var tags = new ulong[Many];
        for (int i = 0; i < Many; i++) tags[i] = Lease(At(0));
        _state.Complete(tags[Many - 1], _consumer);
        Assert.True(_state.IsSettled(Many - 1));
        for (int i = 0; i < Many - 1; i++) _state.Complete(tags[i], _consumer);
        Assert.Equal(Many, _state.SettledFrontier);
    }

    [Fact] // M-4
    public void Replaying_events_twice_gives_the_same_state()
    {
        QueueSnapshot once = Replayed(times: 1);
        QueueSnapshot twice = Replayed(times: 2);
        Assert.Equal(once.Encode(), twice.Encode());
        Assert.Equal([new OffsetRange(1, 4)], once.Settled);
        Assert.Equal([(5L, 2)], once.Retries);
        Assert.Equal([(5L, 700L)], once.Delayed);

        static QueueSnapshot Replayed(int times)
        {
            var state = new QueueState(new RecordedEvents());
            for (int i = 0; i < times; i++)
            {
                state.ReplayRetried(2, retries: 1, notBefore: 500);
                state.ReplayRetried(5, retries: 1, notBefore: 600);
                state.ReplaySettled(new OffsetRange(1, 3));
                state.ReplaySettled(new OffsetRange(2, 4));
                state.ReplayRetried(5, retries: 2, notBefore: 700);
            }

            for (int i = 0; i < times; i++)
            {
                for (long offset = 0; offset < 6; offset++) state.ReplayMessage(offset, notBefore: 0, deadline: null);
            }

            state.FinishReplay(At(100));
            return QueueSnapshot.Of(state, new ProducerWindows(), eventEnd: 5);
        }
    }

    [Fact] // M-1: in one state at a time, before, during and after
    public void Every_message_is_counted_once()
    {
        _state.AdmitReady(new OffsetRange(0, 10));
        _state.Admit(10, notBefore: 500, deadline: null, At(0));
        ulong[] tags = [.. Enumerable.Range(0, 4).Select(_ => Lease(At(0)))];
        _state.Complete(tags[0], _consumer);
        _state.Retry(tags[1], _consumer, notBefore: 900, maxRetries: null, At(0));
        Assert.Equal((6L, 2, 2, 1L), (_state.ReadyCount, _state.LeasedCount, _state.DelayedCount, _state.SettledCount));

        _state.ReleaseDelayed(At(500), max: 100);
        _state.Release(_consumer, At(500));
        Assert.Equal((9L, 0, 1, 1L), (_state.ReadyCount, _state.LeasedCount, _state.DelayedCount, _state.SettledCount));
    }

    [Fact] // memory follows work in hand: a backlog is one range
    public void A_backlog_costs_one_range_however_long_it_is()
    {
        for (int batch = 0; batch < 1000; batch++) _state.AdmitReady(new OffsetRange(batch * 10_000L, (batch + 1) * 10_000L));
        Assert.Equal([new OffsetRange(0, 10_000_000)], _state.ReadyRanges);
    }

    [Fact] // M-5: memory grows with the gaps, not with the messages
    public void Settled_messages_cost_as_much_as_the_gaps_between_them()
    {
        _state.AdmitReady(new OffsetRange(0, 10_000));
        ulong[] tags = [.. Enumerable.Range(0, 10_000).Select(_ => Lease(At(0)))];
        for (int i = 0; i < 10_000; i++)
        {
            if (i % 100 != 50) _state.Complete(tags[i], _consumer);
        }

        Assert.Equal(101, _state.SettledRanges.Count());
        Assert.Equal(100, _state.LeasedCount);
        for (int i = 50; i < 10_000; i += 100) _state.Complete(tags[i], _consumer);
        Assert.Equal([new OffsetRange(0, 10_000)], _state.SettledRanges);
    }

    [Fact] // memory follows work in hand: nothing is kept of a message that is done
    public void A_settled_message_leaves_no_entry_behind()
    {
        AdmitWithDeadlines(1000, deadline: 1_000_000);
        for (int i = 0; i < 1000; i++)
        {
            ulong retried = Lease(At(0));
            _state.Retry(retried, _consumer, notBefore: 0, maxRetries: null, At(0));
            ulong tag = Lease(At(0));
            Assert.Equal(1, _state.RetriesOf(i));
            _state.Complete(tag, _consumer);
        }

        Assert.Empty(_state.Retries);
        Assert.Empty(_state.Deadlines);
        Assert.Empty(_state.Leases);
        Assert.Empty(_state.Delayed);
        Assert.Empty(_state.ReadyRanges);
        Assert.Equal([new OffsetRange(0, 1000)], _state.SettledRanges);
        Assert.Null(_consumer.OldestLease);
        Assert.Equal(0, _consumer.InFlight);
    }

    [Fact] // nothing is kept of what is settled when a state is rebuilt, either
    public void A_rebuilt_state_has_no_entries_of_settled_messages()
    {
        var snapshot = new QueueSnapshot
        {
            MessageEnd = 3,
            EventEnd = 3,
            Settled = [],
            Delayed = [(0, 5000), (1, 5000)],
            Deadlines = [(0, 9000), (2, 9000)],
            Retries = [(0, 4), (1, 2)],
        };
        _state.Replay(snapshot);
        _state.ReplaySettled(new OffsetRange(0, 1));
        _state.FinishReplay(At(0));
        Assert.Equal([new KeyValuePair<long, int>(1, 2)], _state.Retries);
        Assert.Equal([(2L, 9000L)], _state.Deadlines);
        Assert.Equal([(1L, 5000L)], _state.Delayed);
        Assert.Equal([new OffsetRange(2, 3)], _state.ReadyRanges);
    }

    [Fact] // the heap of deadlines gives up what its messages have left in it
    public void Deadlines_of_settled_messages_do_not_pile_up()
    {
        const int Count = 100_000;
        var deadlines = new MessageDeadlines();
        for (int i = 0; i < Count; i++) deadlines.Add(i, deadline: 1000 + i);
        for (int i = 0; i < Count - 1; i++) deadlines.Remove(i);
        Assert.Equal(1, deadlines.Count);
        Assert.True(deadlines.Earliest > 1000 + Count - 2048, $"the earliest deadline is still {deadlines.Earliest}");
        Assert.False(deadlines.TryTakeDue(1000 + Count - 2, out _));
        Assert.True(deadlines.TryTakeDue(1000 + Count - 1, out long last));
        Assert.Equal(Count - 1, last);
    }

    [Fact] // events of one turn: neighbours settled for one reason are one range
    public void What_one_turn_settles_is_written_as_ranges()
    {
        var batch = new QueueEventBatchProbe();
        foreach (long offset in (long[])[7, 5, 6, 1_000_000, 4]) batch.Settle(offset);
        using RecordBlock block = batch.Take();
        Assert.Equal(1, block.Count);
        Assert.Equal(1 + (2 * 12), block[0].Body.Length);
    }

    private static Moment At(long unixMs) => new(unixMs, unixMs);

    private ulong Lease(Moment now)
    {
        Assert.True(_state.TryTakeReady(now, out long offset));
        _state.Grant(_nextTag, offset, _consumer, expiresAt: long.MaxValue - 1);
        return _nextTag++;
    }

    private void AdmitWithDeadlines(int count, long deadline)
    {
        for (int i = 0; i < count; i++) _state.Admit(i, notBefore: 0, deadline, At(0));
    }

    private sealed class QueueEventBatchProbe
    {
        private readonly Broker.Queues.Storage.QueueEventBatch _batch = new();

        public void Settle(long offset) => ((IQueueEventSink)_batch).Settled(offset, SettleReason.Completed);

        public RecordBlock Take() => _batch.Take(timestamp: 0);
    }

    private sealed class RecordedEvents : IQueueEventSink
    {
        public List<(long Offset, SettleReason Reason)> Settlements { get; } = [];

        public List<(long Offset, int Retries, long NotBefore)> Retries { get; } = [];

        public void Settled(long offset, SettleReason reason) => Settlements.Add((offset, reason));

        public void Retried(long offset, int retries, long notBefore) => Retries.Add((offset, retries, notBefore));

        public void Returned(long offset, ReturnCause cause, string holder)
        {
        }

        public void DeadLettered(long offset, DeadLetterReason reason)
        {
        }

        public void CopyBegun(long offset)
        {
        }

        public void Purged(OffsetRange offsets)
        {
        }
    }

    private sealed class NoOutput : IDeliverySink
    {
        public bool TryDeliver(in Fibril.Broker.Log.Records.Record record, ulong tag, int retries) => throw new NotSupportedException();

        public void Closed(Fibril.Protocol.CloseReason reason, string text) => throw new NotSupportedException();

        public void Flush() => throw new NotSupportedException();
    }
}
