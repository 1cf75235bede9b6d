namespace Fibril.Protocol;

/// <summary>Codes of the error bodies. Clients branch on the code only; the text is for people.</summary>
public enum ErrorCode : ushort
{
    /// <summary>HELLO asked for a protocol version the server does not speak.</summary>
    UnsupportedVersion = 1,
    /// <summary>The request is wrong and stays wrong.</summary>
    Invalid = 400,
    /// <summary>Credentials are missing or wrong.</summary>
    Unauthenticated = 401,
    /// <summary>The topic or partition does not exist.</summary>
    NotFound = 404,
    /// <summary>Not the owner and the owner is unknown, or the request clashes with existing state.</summary>
    Conflict = 409,
    /// <summary>Plaintext on a TLS listener.</summary>
    TlsRequired = 426,
    /// <summary>Storage, replication or internal failure.</summary>
    ServerFault = 500,
    /// <summary>There is no room for the message now, on the disk or in the queue. Publishing again later can help.</summary>
    NoRoom = 507,
}

/// <summary>Says whether sending the same request again can help (rule ERR-1).</summary>
public static class ErrorCodes
{
    /// <summary>True for conflicts and server faults: retry after a pause. Everything else stays wrong.</summary>
    public static bool IsTransient(ErrorCode code) => code == ErrorCode.Conflict || (ushort)code >= 500;
}
