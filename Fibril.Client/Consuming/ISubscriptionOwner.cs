namespace Fibril.Client.Consuming;

/// <summary>Who a leg belongs to, and learns what becomes of it. Called from receive loops and reconnects: must not block.</summary>
internal interface ISubscriptionOwner
{
    /// <summary>The connection is gone. The leg may come back with the next one.</summary>
    void OnLost(SubscriptionLeg leg, FibrilException cause);

    /// <summary>The broker ended the leg.</summary>
    void OnEnded(SubscriptionLeg leg, FibrilSubscriptionClosedException cause);

    /// <summary>The leg is alive on a new connection; <paramref name="now"/> is another one when what it had delivered is void.</summary>
    void OnKept(SubscriptionLeg leg, SubscriptionLeg now);
}
