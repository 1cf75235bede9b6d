namespace Fibril.Client;

/// <summary>The broker did not answer in time. Always transient; whether the request took effect is unknown.</summary>
public sealed class FibrilTimeoutException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    public FibrilTimeoutException(string awaited, TimeSpan timeout, Exception? innerException = null)
        : base($"Gave up after {timeout.TotalSeconds:0.###} s waiting for {awaited}.", isTransient: true, innerException)
    {
        Awaited = awaited;
        Timeout = timeout;
    }

    /// <summary>What was waited for, as part of a sentence.</summary>
    public string Awaited { get; }

    /// <summary>How long.</summary>
    public TimeSpan Timeout { get; }
}
