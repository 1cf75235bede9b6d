using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Security;
using Fibril.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private const string ServerName = "fibril";

    private volatile Phase _phase;
    private ResumeClaim? _claim;
    private volatile Session? _session;
    private bool _endsWithError;
    private bool _isByCertificate;
    private string _clientName = "";
    private string _clientVersion = "";

    /// <summary>What the client has shown, when it has to be looked at: its chain was verified by the listener.</summary>
    private X509Certificate2? ClientCertificate => _transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;

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

        _clientName = ChannelNames.ForLog(hello.ClientName);
        _clientVersion = ChannelNames.ForLog(hello.ClientVersion);
        _claim = _environment.Sessions.Claim(hello.Resume);
        _output.Reply(requestId, new HelloOkMessage(
            FrameHeader.ProtocolVersion, _claim.Identity, _claim.Outcome, ServerName, ProtocolDefaults.ComplianceMarker));
        EnterPhase(Phase.AwaitsAuth, hello.Resume is not null);
        return FrameOutcome.Done;
    }

    /// <summary>
    /// A certificate that stands for a user logs that user in with the HELLO; one that does not has opened the connection and nothing more (TLS-5).
    /// An AUTH that follows all the same decides (TLS-6); the session stays with the certificate's user, so that it can be resumed.
    /// </summary>
    private async Task<FrameOutcome> HelloByCertificateAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        long usersVersion = Users.Version;
        FrameOutcome outcome = Hello(requestId, body.Span);
        if (outcome != FrameOutcome.Done || ClientIdentity.Of(ClientCertificate!) is not { } identity) return outcome;
        if (_environment.Authenticator.FindByCertificate(identity) is not { } principal) return outcome;
        if (!await TryAttachAsync(principal)) return outcome; // the session is that of another user, who may log in
        EndClaim();
        _isByCertificate = true;
        BeginServing(principal, usersVersion);
        return outcome;
    }

    private async Task<FrameOutcome> AuthenticateAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out AuthMessage auth, out DecodeError error)) return Malformed(requestId, OpCode.Auth, error);
        if (_phase == Phase.Ready && !_isByCertificate)
        {
            _output.Error(OpCode.AuthErr, requestId, ErrorCode.Unauthenticated, "This connection is logged in already.");
            return FrameOutcome.Done;
        }

        long usersVersion = Users.Version;
        (Principal? principal, ErrorCode code, string? refusal) = await _environment.Authenticator.LoginAsync(
            auth.Username, auth.Password, Peer?.Address, _transport.ConnectionClosed);
        if (principal is not null && _session is null && !await TryAttachAsync(principal))
            (code, refusal) = (ErrorCode.Unauthenticated, "The session that is to be resumed belongs to another user. Connect without it.");

        EndClaim();
        if (refusal is not null)
        {
            _environment.Logger.LoginRefused(Peer, ChannelNames.ForLog(auth.Username), refusal);
            _endsWithError = true;
            _output.Error(OpCode.AuthErr, requestId, code, refusal);
            return FrameOutcome.Close;
        }

        _isByCertificate = false;
        _output.Reply(requestId, default(AuthOkMessage));
        BeginServing(principal!, usersVersion);
        return FrameOutcome.Done;
    }

    /// <summary>From here on deliveries and pushes of a session that is resumed go here, and its earlier connection gets none (RES-5).</summary>
    private async Task<bool> TryAttachAsync(Principal principal)
    {
        _session = await _environment.Sessions.AttachAsync(_claim!, principal.Name, this);
        return _session is not null;
    }

    private void BeginServing(Principal principal, long usersVersion)
    {
        BeginAccess(principal, usersVersion);
        Volatile.Write(ref _seenGeneration, _environment.Topology.Generation);
        EnterPhase(Phase.Ready, _offeredResume);
        _environment.Logger.ClientReady(Peer, ChannelNames.ForLog(principal.Name), _clientName, _clientVersion);
    }

    private FrameOutcome CloseWith(ulong requestId, ErrorCode code, string text)
    {
        _endsWithError = true;
        Refuse(requestId, code, text);
        return FrameOutcome.Close;
    }

    /// <summary>The session that was claimed waits no longer for this connection to log in.</summary>
    private void EndClaim()
    {
        _claim?.Session?.EndHandshake();
        _claim = null;
    }

    private enum Phase
    {
        AwaitsHello,
        AwaitsAuth,
        Ready,
    }
}
