namespace Fibril.Client;

/// <summary>
/// Base of everything the client reports besides misuse, which is an <see cref="ArgumentException"/> or an
/// <see cref="InvalidOperationException"/>.
/// </summary>
public class FibrilException : Exception
{
    /// <summary>Creates the exception.</summary>
    public FibrilException(string message, bool isTransient = false, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>
    /// True when the same call may succeed later: lost connections, timeouts, conflicts and faults of the broker. False when it stays wrong.
    /// Says nothing about whether the call took effect: a confirmed publish that failed this way may have been stored.
    /// </summary>
    public bool IsTransient { get; }
}
