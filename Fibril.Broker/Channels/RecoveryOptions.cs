namespace Fibril.Broker.Channels;

/// <summary>What happens to a partition whose files are not what was written (S-44).</summary>
internal enum MismatchPolicy
{
    /// <summary>It serves nobody until it is repaired; the broker says that it is degraded.</summary>
    Quarantine,

    /// <summary>As <see cref="Quarantine"/>, and the broker says that it is not ready.</summary>
    Refuse,

    /// <summary>It is repaired at once, with what that costs, and a loud warning.</summary>
    Ignore,
}

/// <summary>When stored bytes are looked at.</summary>
internal enum RecoveryCheck
{
    /// <summary>When somebody comes for them.</summary>
    Lazy,

    /// <summary>All of them, before the broker serves.</summary>
    Eager,
}

/// <summary>How the broker looks for damage, and what it does then. The keys live under <c>recovery</c>.</summary>
internal sealed class RecoveryOptions
{
    /// <summary>What happens to a damaged partition; default quarantine.</summary>
    public MismatchPolicy OnMismatch { get; set; }

    /// <summary>Whether a start reads all that is stored; default lazy.</summary>
    public RecoveryCheck Check { get; set; }
}
