namespace Fibril.Client;

/// <summary>A record of a stream was to be failed or retried. Streams know neither: a record is completed, or it is not. Nothing was sent.</summary>
public sealed class FibrilStreamSettlementException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilStreamSettlementException(string message)
        : base(message, isTransient: false)
    {
    }
}
