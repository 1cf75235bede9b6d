namespace Fibril.Client;

/// <summary>A payload could not be turned into a value, or a value into a payload. Never transient; the connection is not affected.</summary>
public sealed class FibrilSerializationException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilSerializationException(string message, Exception? innerException = null)
        : base(message, isTransient: false, innerException)
    {
    }
}
