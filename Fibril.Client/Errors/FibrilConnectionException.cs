namespace Fibril.Client;

/// <summary>There is no connection: it was refused, lost or given up. Always transient.</summary>
public sealed class FibrilConnectionException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilConnectionException(string message, Exception? innerException = null)
        : base(message, isTransient: true, innerException)
    {
    }

    /// <summary>
    /// True when the request was on its way: it may have taken effect, and a message that is published again may be there twice. False when
    /// nothing was sent.
    /// </summary>
    public bool IsOutcomeUnknown { get; internal init; }
}
