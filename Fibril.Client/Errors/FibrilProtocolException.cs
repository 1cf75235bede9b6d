namespace Fibril.Client;

/// <summary>The peer sent something that is not Fibril's protocol, or not in its order. Ends the connection; never transient.</summary>
public sealed class FibrilProtocolException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilProtocolException(string message, Exception? innerException = null)
        : base(message, isTransient: false, innerException)
    {
    }
}
