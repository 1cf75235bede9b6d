namespace Fibril.Protocol;

/// <summary>Why a reconciliation decided as it did, or why a subscription ended. Frozen, and open: unknown values are kept.</summary>
public enum CloseReason : ushort
{
    /// <summary>No code given; what a peer means that does not send codes.</summary>
    Unspecified = 0,
    /// <summary>Verdict keep: the same subscription on both sides.</summary>
    Matched = 1,
    /// <summary>Verdict keep: known to the server under another id.</summary>
    ServerIdChanged = 2,
    /// <summary>Verdict keep: made again by the restore policy.</summary>
    ServerRestored = 3,
    /// <summary>Verdict close on the client: auto-ack or prefetch differ.</summary>
    ServerMismatch = 4,
    /// <summary>Verdict close on the client: restoring was tried and failed.</summary>
    ServerRestoreFailed = 5,
    /// <summary>Verdict close on the client: the server does not have it and making it again is not safe.</summary>
    ServerMissing = 6,
    /// <summary>Verdict close on the server: the client did not list it.</summary>
    ClientMissing = 7,
    /// <summary>Verdict recreate: the server does not have it; subscribe again.</summary>
    Recreate = 8,
    /// <summary>Closed for good: the queue or stream is gone.</summary>
    TopicDeleted = 20,
    /// <summary>Closed: another broker owns the partition now, or the partition was retired.</summary>
    OwnerMoved = 21,
    /// <summary>Closed: the broker is stopping.</summary>
    BrokerShutdown = 22,
    /// <summary>Closed: the cohort dropped this member.</summary>
    CohortRemoved = 23,
    /// <summary>Closed for good: a stream reader fell too far behind. Reserved.</summary>
    Lagged = 24,
    /// <summary>Closed for good: an internal fault.</summary>
    ServerError = 40,
}

/// <summary>The texts that go with the reasons of RECONCILE_RESULT.</summary>
public static class CloseReasons
{
    /// <summary>The fixed text of a reconciliation verdict; null for the reasons that no verdict has.</summary>
    public static string? TokenOf(CloseReason reason) => reason switch
    {
        CloseReason.Matched => "matched",
        CloseReason.ServerIdChanged => "server_id_changed",
        CloseReason.ServerRestored => "server_restored",
        CloseReason.ServerMismatch => "server_mismatch",
        CloseReason.ServerRestoreFailed => "server_restore_failed",
        CloseReason.ServerMissing => "server_missing",
        CloseReason.ClientMissing => "client_missing",
        CloseReason.Recreate => "recreate",
        _ => null,
    };
}
