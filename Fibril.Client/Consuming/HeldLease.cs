namespace Fibril.Client.Consuming;

/// <summary>A delivery whose lease is kept alive, and its place among the others of its keeper.</summary>
internal sealed class HeldLease(LeaseKeeper keeper, ReceivedMessage message, long arrivedAt)
{
    private object _holder = message;

    public ulong Tag { get; } = message.DeliveryTag;

    /// <summary>Timestamp of the arrival.</summary>
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>Timestamp of the arrival or of the last renewal. Under the keeper's lock, as all that follows.</summary>
    public long RenewedAt { get; set; } = arrivedAt;

    public HeldLease? Previous { get; set; }

    public HeldLease? Next { get; set; }

    /// <summary>True while the keeper renews it.</summary>
    public bool IsKept { get; set; }

    /// <summary>True once the application has the message. Set by the reader.</summary>
    public bool IsHandedOut { get; set; }

    /// <summary>The message is settled. From any thread.</summary>
    public void End() => keeper.Forget(this);

    /// <summary>
    /// From now on the message is not held from here; false when nobody else holds it either, so that nobody will settle it.
    /// </summary>
    public bool IsHeldElsewhere()
    {
        // Most messages are settled before they are due once, and cost no weak reference.
        if (_holder is ReceivedMessage young) _holder = new WeakReference<ReceivedMessage>(young);
        return ((WeakReference<ReceivedMessage>)_holder).TryGetTarget(out _);
    }
}
