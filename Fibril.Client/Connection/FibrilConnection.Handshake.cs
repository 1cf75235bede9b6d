using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using Fibril.Client.Routing;
using Fibril.Client.Tls;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Connection;

// HELLO, then AUTH, then a reconciliation, each waiting for its reply. Only when all are through does the receive loop start.
internal sealed partial class FibrilConnection
{
    private const ulong HelloId = 1;
    private const ulong AuthId = 2;
    private const ulong ReconcileId = 3;

    private static readonly string Version =
        typeof(FibrilConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Connects, signs in, lets <paramref name="finish"/> do the last step of the handshake, and starts receiving.</summary>
    /// <param name="session">Whose connection it will be.</param>
    /// <param name="resume">The identity to offer; null on a first connect.</param>
    /// <param name="finish">May use the connection for <see cref="ReconcileAsync"/> and <see cref="Adopt"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FibrilException">It did not work out; nothing is left open.</exception>
    public static async Task<FibrilConnection> OpenAsync(
        BrokerSession session, ResumeIdentity? resume, Func<FibrilConnection, CancellationToken, Task> finish, CancellationToken cancellationToken)
    {
        FibrilClientOptions options = session.Context.Options;
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        FibrilConnection? connection = null;
        string awaited = $"a connection to {session.Endpoint}";
        try
        {
            TlsConnector? tls = options.Tls is null ? null : new TlsConnector(options.Tls, session.Endpoint);
            Socket socket = await ConnectSocketAsync(session.Endpoint, either.Token).ConfigureAwait(false);
            awaited = $"{session.Endpoint} to finish the TLS handshake";
            connection = new FibrilConnection(session, socket, await SecureAsync(tls, socket, resume is not null, either.Token).ConfigureAwait(false));
            awaited = $"{session.Endpoint} to answer the handshake";
            HelloOkMessage hello = await connection.SayHelloAsync(resume, tls, either.Token).ConfigureAwait(false);
            await connection.SignInAsync(either.Token).ConfigureAwait(false);
            await finish(connection, either.Token).ConfigureAwait(false);
            session.Context.Logger.Connected(session.Endpoint, hello.ServerName, hello.Outcome);
            connection.Start();
            return connection;
        }
        catch (Exception failure)
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            if (failure is OperationCanceledException && deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new FibrilTimeoutException(awaited, options.ConnectTimeout, failure);
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Tells the broker which subscriptions are still wanted, and brings back what it makes of them. Part of the handshake (REC-1).</summary>
    /// <exception cref="FibrilException">No result; the connection is of no use (REC-9).</exception>
    public async Task<ReconcileResultMessage> ReconcileAsync(ReconcileClientMessage held, CancellationToken cancellationToken)
    {
        Post(ReconcileId, held);
        FrameHeader header = await WaitForReplyAsync("waiting for the result of the reconciliation", cancellationToken).ConfigureAwait(false);
        if (header.OpCode == OpCode.Error) throw Refused(header, "the reconciliation of subscriptions");
        return TakeReply<ReconcileResultMessage>(header);
    }

    private static async Task<Socket> ConnectSocketAsync(BrokerEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is not SocketException socketFailure) throw;
            throw socketFailure.SocketErrorCode == SocketError.ConnectionRefused
                ? new FibrilConnectionException(
                    $"Connection refused by {endpoint}: no broker listens there. Is it running, and is this its broker port? "
                    + $"That is {ProtocolDefaults.BrokerPort} unless configured otherwise; {ProtocolDefaults.AdminPort} is the admin HTTP port.",
                    failure)
                : new FibrilConnectionException($"Could not connect to {endpoint}: {failure.Message}", failure);
        }
    }

    private static async Task<SslStream?> SecureAsync(TlsConnector? tls, Socket socket, bool wasGoodBefore, CancellationToken cancellationToken)
    {
        if (tls is null) return null;
        try
        {
            return await tls.ShakeHandsAsync(socket, wasGoodBefore, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<HelloOkMessage> SayHelloAsync(ResumeIdentity? resume, TlsConnector? tls, CancellationToken cancellationToken)
    {
        Post(HelloId, new HelloMessage(_options.ClientName, Version, FrameHeader.ProtocolVersion, resume));
        FrameHeader header = await WaitForFirstReplyAsync(resume is null ? tls : null, cancellationToken).ConfigureAwait(false);
        if (header.OpCode is OpCode.HelloErr or OpCode.Error) throw Refused(header, "the handshake");
        HelloOkMessage hello = TakeReply<HelloOkMessage>(header);
        if (hello.ProtocolVersion != FrameHeader.ProtocolVersion)
        {
            throw new FibrilProtocolException(
                $"{_endpoint} answered with protocol version {hello.ProtocolVersion}; this client speaks {FrameHeader.ProtocolVersion}.");
        }

        if (hello.Compliance != ProtocolDefaults.ComplianceMarker)
        {
            throw new FibrilProtocolException(
                $"{_endpoint} did not send the marker that every Fibril broker sends; it was altered, or this is no Fibril broker.");
        }

        Outcome = hello.Outcome;
        Identity = hello.Identity;
        return hello;
    }

    private async Task SignInAsync(CancellationToken cancellationToken)
    {
        if (_options.UserName is null) return;
        Post(AuthId, new AuthMessage(_options.UserName, _options.Password!));
        FrameHeader header = await WaitForReplyAsync("waiting for the reply to AUTH", cancellationToken).ConfigureAwait(false);
        if (header.OpCode is OpCode.AuthErr or OpCode.Error) throw Refused(header, $"to sign '{_options.UserName}' in");
        TakeReply<AuthOkMessage>(header);
    }

    /// <param name="tls">Null without TLS, and for a client whose certificate was good before: then it is the broker that went away.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<FrameHeader> WaitForFirstReplyAsync(TlsConnector? tls, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitForReplyAsync("waiting for the reply to HELLO", cancellationToken).ConfigureAwait(false);
        }
        catch (FibrilConnectionException ended) when (tls?.ExplainEarlyEnd(ended) is { } explanation)
        {
            throw explanation;
        }
    }

    /// <summary>The header of the next frame that is a reply, once all of the frame is there.</summary>
    private async Task<FrameHeader> WaitForReplyAsync(string doing, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_input.TryPeek(out FrameHeader header, out _))
            {
                if (header.OpCode != OpCode.Ping) return header;
                Post(header.RequestId, default(PongMessage));
                _input.Skip(in header);
            }

            await ReceiveReplyAsync(doing, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReceiveReplyAsync(string doing, CancellationToken cancellationToken)
    {
        try
        {
            NoteReceived(await ReceiveBytesAsync(cancellationToken).ConfigureAwait(false), doing);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or IOException)
        {
            throw Fault ?? Lost(broken, doing); // sending may have failed before
        }
    }

    private TReply TakeReply<TReply>(FrameHeader header) where TReply : IWireMessage<TReply>
    {
        if (header.OpCode != TReply.OpCode)
        {
            throw new FibrilProtocolException(
                $"{_endpoint} answered with operation {header.OpCode} where {TReply.OpCode} had to come; it may be no Fibril broker.");
        }

        _input.TryPeek(out _, out ReadOnlySpan<byte> body);
        TReply reply = Incoming.Read<TReply>(header.OpCode, body);
        _input.Skip(in header);
        return reply;
    }

    private FibrilException Refused(FrameHeader header, string request)
    {
        _input.TryPeek(out _, out ReadOnlySpan<byte> body);
        ErrorMessage error = Incoming.Read<ErrorMessage>(header.OpCode, body);
        if (error.Code != ErrorCode.TlsRequired) return new FibrilServerException(error.Code, error.Message, request);
        return new FibrilTlsException(
            FibrilTlsFailure.RequiredByBroker,
            $"{_endpoint} requires TLS: set {nameof(FibrilClientOptions)}.{nameof(FibrilClientOptions.Tls)}. The broker says: {error.Message}");
    }

    private void Start()
    {
        _lastReceivedAt = _time.GetTimestamp();
        _receiving = ReceiveAsync();
        _heartbeat = _time.CreateTimer(_ => Beat(), null, _options.HeartbeatInterval, _options.HeartbeatInterval);
    }
}
