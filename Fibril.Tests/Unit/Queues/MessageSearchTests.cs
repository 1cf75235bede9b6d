using Fibril.Broker.Partitions;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Finding messages by their state, judged by a search that looks at every offset: O-1, L-26.</summary>
public sealed class MessageSearchTests
{
    private static readonly MessageStatus[] Statuses = Enum.GetValues<MessageStatus>();

    [Fact]
    public void The_first_matches_from_anywhere_are_those_that_a_search_of_every_offset_finds()
    {
        for (int seed = 1; seed <= TestScale.Iterations(60); seed++)
        {
            var random = new Random(seed);
            QueueState state = Randomly(random, messages: 400);
            MessageState[] all = [.. Enumerable.Range(-1, 402).Select(offset => Slowly(state, offset)).OfType<MessageState>()];
            Assert.Equal(state.MessageEnd, all.Length);
            for (int i = 0; i < 30; i++)
            {
                StatusFilter wanted = StatusFilter.Of([.. Statuses.Where(_ => random.Next(2) == 0)]);
                (long from, int max) = (random.Next(-2, 410), random.Next(1, 30));
                IEnumerable<MessageState> expected = all.Where(message => message.Offset >= from && wanted.Has(message.Status)).Take(max);
                Assert.Equal(expected, state.Find(from, max, wanted, static timestamp => timestamp * 2));
            }
        }
    }

    [Fact]
    public void The_states_of_picked_messages_are_those_that_the_search_finds()
    {
        var random = new Random(5);
        QueueState state = Randomly(random, messages: 300);
        long[] picked = [.. Enumerable.Range(0, 60).Select(_ => (long)random.Next(-10, 320))];
        Dictionary<long, MessageState> states = state.StatesOf(picked, static timestamp => timestamp * 2);
        Assert.Equal(picked.Where(offset => offset is >= 0 and < 300).Distinct().Order(), states.Keys.Order());
        Assert.All(states.Values, found => Assert.Equal(Slowly(state, found.Offset), found));
    }

    /// <summary>The state of one message by what the state tells of itself elsewhere.</summary>
    private static MessageState? Slowly(QueueState state, long offset)
    {
        if (offset < 0 || offset >= state.MessageEnd) return null;
        if (state.IsSettled(offset)) return new MessageState(offset, MessageStatus.Settled, 0);
        long? deadline = state.Deadlines.Where(entry => entry.Offset == offset).Select(static entry => (long?)entry.Deadline).SingleOrDefault();
        var active = new MessageState(offset, MessageStatus.Ready, state.RetriesOf(offset)) { ExpiresAtMs = deadline };
        if (state.ReadyRanges.Any(range => range.Contains(offset))) return active;
        if (state.PendingReasonOf(offset) is { } reason)
        {
            bool isBeingCopied = state.PendingAfterRestart.Any(
                entry => entry.Reason == DeadLetterReason.PendingRecovery && entry.Offsets.Contains(offset));
            return active with { Status = MessageStatus.PendingDlq, PendingReason = reason, IsBeingCopied = isBeingCopied };
        }

        if (state.Leases.SingleOrDefault(lease => lease.Offset == offset) is { } held)
            return active with { Status = MessageStatus.Inflight, Lease = new LeaseHolder(held.Subscription.Holder, held.ExpiresAt * 2) };
        return active with { Status = MessageStatus.Delayed, DueMs = state.Delayed.Single(entry => entry.Offset == offset).NotBefore };
    }

    private static QueueState Randomly(Random random, int messages)
    {
        var state = new QueueState(new QueueEventBatch()) { KeepsDeadLetters = true };
        var now = new Moment(1000, 0);
        for (int offset = 0; offset < messages; offset++)
            state.Admit(offset, random.Next(5) == 0 ? random.Next(900, 2000) : 0, random.Next(6) == 0 ? 5000 + random.Next(100) : null, now);

        QueueSubscription[] holders = [ReplayHolder.New("one"), ReplayHolder.New("two")];
        for (ulong tag = 1; tag < 300 && state.TryTakeReady(now, out long offset); tag++)
        {
            if (random.Next(12) == 0)
            {
                state.PutBack(offset);
                continue;
            }

            QueueSubscription holder = holders[random.Next(2)];
            state.Grant(tag, offset, holder, expiresAt: random.Next(100));
            switch (random.Next(8))
            {
                case < 3:
                    state.Complete(tag, holder);
                    break;
                case 3:
                    state.Fail(tag, holder);
                    break;
                case 4:
                    state.Retry(tag, holder, random.Next(2) * 3000, random.Next(3) == 0 ? 0 : null, now);
                    break;
                default:
                    break;
            }
        }

        for (int copies = random.Next(6); copies > 0; copies--) state.TryBeginCopy(out _, out _);
        return state;
    }
}
