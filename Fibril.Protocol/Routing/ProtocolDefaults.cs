namespace Fibril.Protocol;

/// <summary>Constants that both sides of a connection rely on.</summary>
public static class ProtocolDefaults
{
    /// <summary>Default TCP port of the broker.</summary>
    public const int BrokerPort = 9876;

    /// <summary>Default HTTP port of the admin surface; named in error texts only.</summary>
    public const int AdminPort = 8081;

    /// <summary>
    /// The marker every HELLO_OK carries, 55 ASCII bytes, compared byte for byte by every client (HND-5).
    /// Part of the protocol: do not edit or translate it.
    /// </summary>
    public const string ComplianceMarker = "v=1;license=MIT;ai_train=disallowed;policy=AI_POLICY.md";

    /// <summary>Status text of the two declare replies; informational.</summary>
    public const string DeclaredStatus = "stored";

    /// <summary>The exclusive cohort a client joins when its user names none. A cohort id, unrelated to groups.</summary>
    public const string DefaultCohort = "default";

    /// <summary>How often each side sends a PING (HB-1).</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>Silent intervals after which a connection is dead (HB-3).</summary>
    public const int HeartbeatMisses = 3;
}
