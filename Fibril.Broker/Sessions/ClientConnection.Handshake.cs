using System.Net;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private const string ServerName = "fibril";
    private const int LongestLoggedText = 128;

    private volatile Phase _phase;
    private bool _endsWithError;
    private string _clientName = "";
    private string _clientVersion = "";

    private bool IsExpected(OpCode opCode) => _phase switch
    {
        Phase.AwaitsHello => opCode == OpCode.Hello,
        Phase.AwaitsAuth => opCode is OpCode.Auth or OpCode.Ping or OpCode.Pong,
        _ => true,
    };

    /// <summary>Frames that come before their time: the first must be HELLO, and credentials come next.</summary>
    private FrameOutcome RefuseEarlyFrame(in FrameHeader header)
    {
        if (_phase == Phase.AwaitsHello) return CloseWith(header.RequestId, ErrorCode.Invalid, NotAClientText);
        return CloseWith(
            header.RequestId, ErrorCode.Unauthenticated, "Log in first: the client was given no user name and password, and this broker asks for them.");
    }

    private FrameOutcome Hello(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out HelloMessage hello, out DecodeError error))
            return CloseWith(requestId, ErrorCode.Invalid, $"The HELLO cannot be read: {error}. {NotAClientText}");

        if (hello.ProtocolVersion != FrameHeader.ProtocolVersion)
        {
            _endsWithError = true;
            _output.Error(
                OpCode.HelloErr, requestId, ErrorCode.UnsupportedVersion,
                $"This broker speaks protocol version {FrameHeader.ProtocolVersion}, the client asked for {hello.ProtocolVersion}.");
            return FrameOutcome.Close;
        }

        _clientName = ForLog(hello.ClientName);
        _clientVersion = ForLog(hello.ClientVersion);
        var identity = new ResumeIdentity(_environment.Identity.OwnerId, Guid.CreateVersion7(_environment.Time.GetUtcNow()), Guid.NewGuid());
        _output.Reply(requestId, new HelloOkMessage(
            FrameHeader.ProtocolVersion, identity, OutcomeOf(hello.Resume), ServerName, ProtocolDefaults.ComplianceMarker));
        EnterPhase(Phase.AwaitsAuth, hello.Resume is not null);
        return FrameOutcome.Done;
    }

    /// <summary>A session ends with its connection, so there is nothing to resume: every offer gets a fresh identity (RES-1).</summary>
    private ResumeOutcome OutcomeOf(ResumeIdentity? resume)
    {
        if (resume is not { } offered) return ResumeOutcome.New;
        return offered.OwnerId == _environment.Identity.OwnerId ? ResumeOutcome.NotFound : ResumeOutcome.Rejected;
    }

    private FrameOutcome Authenticate(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out AuthMessage auth, out DecodeError error)) return Malformed(requestId, OpCode.Auth, error);
        if (_phase == Phase.Ready)
        {
            _output.Error(OpCode.AuthErr, requestId, ErrorCode.Unauthenticated, "This connection is logged in already.");
            return FrameOutcome.Done;
        }

        IPAddress? address = Peer?.Address;
        if (_environment.Authenticator.Refuse(auth.Username, auth.Password, address) is { } refusal)
        {
            _environment.Logger.LoginRefused(Peer, ForLog(auth.Username), refusal);
            _endsWithError = true;
            _output.Error(OpCode.AuthErr, requestId, ErrorCode.Unauthenticated, refusal);
            return FrameOutcome.Close;
        }

        _output.Reply(requestId, default(AuthOkMessage));
        Volatile.Write(ref _seenGeneration, _environment.Topology.Generation);
        EnterPhase(Phase.Ready, _offeredResume);
        _environment.Logger.ClientReady(Peer, ForLog(auth.Username), _clientName, _clientVersion);
        return FrameOutcome.Done;
    }

    private FrameOutcome CloseWith(ulong requestId, ErrorCode code, string text)
    {
        _endsWithError = true;
        Refuse(requestId, code, text);
        return FrameOutcome.Close;
    }

    /// <summary>Free text of a client, short and without line breaks, so that it cannot forge log lines.</summary>
    private static string ForLog(string text)
    {
        string shortened = text.Length > LongestLoggedText ? text[..LongestLoggedText] : text;
        return string.Create(shortened.Length, shortened, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }

    private enum Phase
    {
        AwaitsHello,
        AwaitsAuth,
        Ready,
    }
}
