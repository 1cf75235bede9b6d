namespace Fibril.Client;

/// <summary>There is no connection: it was refused, lost or given up. Always transient.</summary>
public sealed class FibrilConnectionException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilConnectionException(string message, Exception? innerException = null)
        : base(message, isTransient: true, innerException)
    {
    }
}
