namespace Fibril.Client;

/// <summary>
/// A delivery cannot be settled any more: the session it came in is over, and the broker has given its message back. Nothing was sent. Never
/// transient: the message comes again, as another delivery.
/// </summary>
public sealed class FibrilStaleDeliveryException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilStaleDeliveryException(string message)
        : base(message, isTransient: false)
    {
    }
}
