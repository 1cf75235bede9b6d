namespace Fibril.Protocol;

/// <summary>What became of the resume a HELLO asked for. Frozen, and closed: an unknown value is malformed.</summary>
public enum ResumeOutcome : byte
{
    /// <summary>No resume was asked for; the session is new.</summary>
    New = 0,
    /// <summary>The live session was reattached. The only outcome under which delivery tags held by the client stay valid.</summary>
    Resumed = 1,
    /// <summary>The session is unknown or expired; a new one was issued.</summary>
    NotFound = 2,
    /// <summary>The identity belongs to another broker or the token is wrong; a new session was issued.</summary>
    Rejected = 3,
    /// <summary>The broker restarted and honoured a stored session: the ids are the same, the subscriptions are gone.</summary>
    ResumedAfterRestart = 4,
}
