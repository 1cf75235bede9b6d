using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>
/// The rules of a queue partition, naively: a list of messages that is walked from end to end for every question. It accepts or
/// refuses each step of the real engine, and says what the engine still owes.
/// </summary>
internal sealed partial class ReferenceQueue(Func<long> nowMs, long leaseMs)
{
    private readonly List<ReferenceMessage> _messages = [];
    private readonly HashSet<ulong> _usedTags = [];

    public List<Consumer> Consumers { get; } = [];

    public int? MaxRetries { get; set; }

    public int Count => _messages.Count;

    public int ActiveCount => _messages.Count(static message => message.State != ReferenceState.Settled);

    public IEnumerable<ReferenceMessage> Leased => _messages.Where(static message => message.State == ReferenceState.Leased);

    /// <summary>A message was confirmed: it is durable, and a queue that is too full by it gives up its oldest.</summary>
    public void Admit(ReferenceMessage message)
    {
        AdmitSurvivor(message);
        DropBeyondLimit();
    }

    /// <summary>A message turns out to be durable although nobody was answered for it.</summary>
    public void AdmitSurvivor(ReferenceMessage message)
    {
        message.State = message.NotBefore > nowMs() ? ReferenceState.Delayed : ReferenceState.Ready;
        SettleDue(message);
        message.Offset = Count;
        _messages.Add(message);
        foreach (List<ReferenceMessage> past in _pasts) past.Add(message.Clone());
    }

    /// <summary>Lets everything that is due at the present time happen.</summary>
    public void Settle() => _messages.ForEach(SettleDue);

    /// <summary>The engine delivers: only the lowest ready offset, unaltered, with its retry count, under a new tag, to a consumer with credit.</summary>
    public void Deliver(Consumer consumer, TestDelivery delivery)
    {
        int lowest = _messages.FindIndex(static message => message.State == ReferenceState.Ready);
        Assert.Equal(lowest, delivery.Offset); // M-3, M-46
        ReferenceMessage message = _messages[lowest];
        Assert.Equal(message.Payload, delivery.Payload); // S-4
        Assert.Equal(message.Retries, delivery.Retries); // M-43, M-44
        Assert.False(message.Deadline <= nowMs(), $"offset {lowest} is delivered after its time to live"); // D-14
        Assert.Contains(consumer, Consumers);
        Assert.True(consumer.Subscription.AutoAck || InFlight(consumer) < consumer.Subscription.Prefetch, "prefetch is exceeded"); // M-60
        Assert.True(_usedTags.Add(delivery.Tag), $"tag {delivery.Tag} is used twice"); // M-34
        message.State = ReferenceState.Leased;
        message.Holder = consumer;
        message.Tag = delivery.Tag;
        message.LeaseEndsMs = nowMs() + leaseMs;
    }

    public void Complete(Consumer by, ulong tag) => Settle(by, tag, static message => message.State = ReferenceState.Settled);

    /// <summary>For good: over to the dead-letter policy (M-22).</summary>
    public void Fail(Consumer by, ulong tag) => Settle(by, tag, message => GiveUp(message, "terminal_nack"));

    public void Retry(Consumer by, ulong tag, long notBefore) => Settle(by, tag, message =>
    {
        if (message.Retries + 1 > MaxRetries)
        {
            GiveUp(message, "retries_exhausted"); // M-40, M-41
            return;
        }

        message.Retries++;
        message.NotBefore = notBefore;
        message.State = notBefore > nowMs() ? ReferenceState.Delayed : ReferenceState.Ready;
    });

    /// <summary>The living tag of the consumer that holds it runs for a whole lease time from now; any other is dead (M-33, M-36).</summary>
    public bool Renew(Consumer by, ulong tag)
    {
        ReferenceMessage? message = by.Subscription.AutoAck ? null : Leased.FirstOrDefault(message => message.Tag == tag && message.Holder == by);
        if (message is null) return false;
        message.LeaseEndsMs = nowMs() + leaseMs;
        return true;
    }

    /// <summary>A consumer is gone: what it held is ready again, and no retry is counted (M-50, M-51).</summary>
    public void Release(Consumer consumer)
    {
        Consumers.Remove(consumer);
        foreach (ReferenceMessage message in Leased.Where(message => message.Holder == consumer).ToArray()) EndLease(message);
        Settle();
    }

    /// <summary>Auto-ack deliveries count as done once they were sent (M-70).</summary>
    public void SettleSent(Consumer consumer)
    {
        foreach (ReferenceMessage message in Leased.Where(message => message.Holder == consumer).ToArray()) message.State = ReferenceState.Settled;
    }

    /// <summary>At rest the engine owes nothing: no message is ready while a consumer could take it (M-11, M-62, M-63, M-66).</summary>
    public void AssertNothingIsOwed()
    {
        int ready = _messages.FindIndex(static message => message.State == ReferenceState.Ready);
        if (ready < 0) return;
        Consumer? able = Consumers.Find(consumer => consumer.Room > 0 && (consumer.Subscription.AutoAck || InFlight(consumer) < consumer.Subscription.Prefetch));
        Assert.True(able is null, $"offset {ready} is ready, a consumer could take it, and nothing happens");
    }

    private int InFlight(Consumer consumer) => Leased.Count(message => message.Holder == consumer);

    /// <summary>Only the living tag of the consumer that holds it has an effect (M-30 to M-36).</summary>
    private void Settle(Consumer by, ulong tag, Action<ReferenceMessage> change)
    {
        ReferenceMessage? message = Leased.FirstOrDefault(message => message.Tag == tag && message.Holder == by);
        if (message is null) return;
        EndLease(message);
        change(message);
        Settle();
    }

    private void SettleDue(ReferenceMessage message)
    {
        if (message.State == ReferenceState.Settled) return;
        if (message.State == ReferenceState.Leased && message.LeaseEndsMs <= nowMs()) EndLease(message);
        if (message.State == ReferenceState.Delayed && message.NotBefore <= nowMs()) message.State = ReferenceState.Ready;
        if (message.State == ReferenceState.Ready && message.Deadline <= nowMs()) GiveUp(message, "expired"); // D-13 to D-15, D-18
    }

    private static void EndLease(ReferenceMessage message)
    {
        message.State = ReferenceState.Ready;
        message.Holder = null;
        message.Tag = 0;
    }
}
