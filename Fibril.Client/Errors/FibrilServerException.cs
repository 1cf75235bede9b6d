using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>The broker refused a request. Transient for conflicts (409) and for codes from 500 on.</summary>
public sealed class FibrilServerException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">Code of the answer; may be one that this version has no name for.</param>
    /// <param name="serverMessage">Text of the answer.</param>
    /// <param name="request">What was asked, for the message of this exception.</param>
    public FibrilServerException(ErrorCode code, string serverMessage, string request)
        : base($"The broker refused {request} with code {(ushort)code}: {serverMessage}", ErrorCodes.IsTransient(code))
    {
        Code = code;
        ServerMessage = serverMessage;
    }

    /// <summary>What programs branch on.</summary>
    public ErrorCode Code { get; }

    /// <summary>The broker's own words, for people.</summary>
    public string ServerMessage { get; }
}
