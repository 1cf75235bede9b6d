namespace Fibril.Client;

/// <summary>There is no connection because of TLS. Never transient, and never tried again by itself: somebody has to change a setting first.</summary>
public sealed class FibrilTlsException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilTlsException(FibrilTlsFailure failure, string message, Exception? innerException = null)
        : base(message, isTransient: false, innerException) => Failure = failure;

    /// <summary>What to change.</summary>
    public FibrilTlsFailure Failure { get; }
}
