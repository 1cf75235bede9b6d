using System.Net.Security;
using System.Net.Sockets;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Connection;

/// <summary>One socket to one broker: handshake, frames both ways, requests with their answers, heartbeats, and its end.</summary>
/// <remarks>
/// Any thread may write frames, under <see cref="_gate"/>; one at a time sends. One loop receives and never waits for user code. The first
/// fault is kept and closes the socket; the loop notices, and fails whatever still waits. It is never opened again: a session that
/// reconnects makes a new one.
/// </remarks>
internal sealed partial class FibrilConnection : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly BrokerSession _session;
    private readonly BrokerEndpoint _endpoint;
    private readonly FibrilClientOptions _options;
    private readonly TopologyCache _topology;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Socket _socket;
    private readonly SslStream? _secure; // null without TLS: then the socket is used as it is
    private readonly CancellationTokenSource _disconnected = new();
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FibrilException? _fault;
    private Task _receiving = Task.CompletedTask;
    private Task? _disposal;
    private bool _isClosing;

    private FibrilConnection(BrokerSession session, Socket socket, SslStream? secure)
    {
        _session = session;
        _endpoint = session.Endpoint;
        _options = session.Context.Options;
        _topology = session.Context.Topology;
        _logger = session.Context.Logger;
        _time = session.Context.Time;
        _socket = socket;
        _secure = secure;
        _input = new ReceiveBuffer(_options.MaxFrameBytes);
        _output = new OutputBuffer(_options.WriteBufferBytes);
        _pending = new PendingReplies(_options.MaxPendingRequests, FirstRequestId);
        _publishReplies = new PublishReplyPool(_options.MaxPendingRequests);
        _sendOperation.Completed += (_, _) => OnSent();
        _deadlines = _time.CreateTimer(_ => FailOverdue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the broker answered to the offer to resume; set by the handshake.</summary>
    public ResumeOutcome Outcome { get; private set; }

    /// <summary>What to offer the next time; set by the handshake.</summary>
    public ResumeIdentity Identity { get; private set; }

    /// <summary>Number of the session's incarnation; set before the connection is used.</summary>
    public int Incarnation { get; set; }

    public BrokerSession Session => _session;

    public BrokerEndpoint Endpoint => _endpoint;

    /// <summary>True until the connection is lost or closed.</summary>
    public bool IsConnected => Volatile.Read(ref _fault) is null && !Volatile.Read(ref _isClosing);

    /// <summary>Why the connection ended; null while it has not.</summary>
    public FibrilException? Fault => Volatile.Read(ref _fault);

    /// <summary>Cancelled when the connection has ended and everything that waited for it was told.</summary>
    public CancellationToken Disconnected => _disconnected.Token;

    /// <summary>Sends what was written, closes the socket, and waits until nothing of the connection runs any more.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync());
    }

    private async Task CloseAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        Volatile.Write(ref _isClosing, true);
        _ending.TrySetResult();
        await FlushAsync().ConfigureAwait(false);
        await SayGoodbyeAsync().ConfigureAwait(false);
        Fail(ClosedByClient());
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_heartbeat is not null) await _heartbeat.DisposeAsync().ConfigureAwait(false);
        await _deadlines.DisposeAsync().ConfigureAwait(false);
        _sendOperation.Dispose();
        if (_secure is not null) await _secure.DisposeAsync().ConfigureAwait(false);
        _input.Dispose();
    }

    /// <summary>Ends the connection at once.</summary>
    public void GiveUp(FibrilException reason) => Fail(reason);

    /// <summary>Ends the connection for <paramref name="reason"/>, unless it has ended. Returns at once; the receive loop does the rest.</summary>
    private void Fail(FibrilException reason)
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            if (_fault is not null) return;
            Volatile.Write(ref _fault, reason);
            (idle, _idle) = (_idle, null);
        }

        _socket.Dispose();
        idle?.TrySetResult();
        _ending.TrySetResult();
    }

    /// <summary>After the loop: everyone who waits for something of this connection is told that it will not come.</summary>
    private void AbandonEverything()
    {
        FibrilException fault = Fault!;
        WaitingWrite[] unwritten;
        lock (_gate)
        {
            unwritten = [.. _waiting.Where(write => !write.IsOver)];
            foreach (WaitingWrite write in unwritten) write.IsOver = true;
            _waiting.Clear();
        }

        foreach (WaitingWrite write in unwritten) write.OnRefused(NotConnected());
        foreach (PendingReply? place in _pending.Places)
        {
            if (place is not null) _pending.Take(place.Id)?.Abandon(fault);
        }

        if (_isClosing)
        {
            _logger.ConnectionClosed(_endpoint);
        }
        else
        {
            _logger.ConnectionLost(_endpoint, fault.Message);
            _session.OnLost(
                this,
                fault as FibrilConnectionException ?? new FibrilConnectionException($"The connection to {_endpoint} ended. {fault.Message}", fault));
        }

        _ = _disconnected.CancelAsync(); // handlers are user code and run elsewhere
    }

    private FibrilConnectionException ClosedByClient() => new($"The connection to {_endpoint} was closed by this client.");

    private FibrilConnectionException Lost(Exception cause, string doing) => new(
        $"The connection to {_endpoint} was lost while {doing}: {cause.Message}", cause);
}
