using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Fibril.Broker.Primitives;
using Fibril.Broker.Sessions.Output;
using Fibril.Broker.Sessions.Routing;
using Fibril.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Sessions;

// One read loop per connection. It takes every frame that was received, collects publishes and settlements per partition, hands each
// partition its run in one piece, and sends the replies of the whole run in one go. Frames that must wait (a partition to open, a
// declaration to become durable) hold up the frames behind them, which keeps the order of a connection (FRM-14).
//
// Fields belong to the read loop; what a tick of the registry reads is volatile, and the output is thread-safe.
//
// The loop listens, to its socket or for its replies to be read, or it works, perhaps waiting for the disk: silence of the peer counts
// only while it listens.

/// <summary>One socket of one client, from its first byte to its last.</summary>
internal sealed partial class ClientConnection
{
    private const string Stopping = "the broker is stopping";

    private static readonly TimeSpan FinalFlushTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromMilliseconds(250);

    private readonly SessionEnvironment _environment;
    private readonly ConnectionContext _transport;
    private readonly PipeReader _input;
    private readonly FrameOutput _output;
    private readonly Task _mayClose;
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FrameReader _frames = new();
    private readonly RouteTable _routes = new();
    private readonly LostPublishes _lost;
    private readonly long _acceptedAt;
    private long _receivedMs;
    private long _publishersLookedAtMs;
    private long _bytesAhead;

    /// <param name="environment">What connections share.</param>
    /// <param name="transport">The accepted connection.</param>
    /// <param name="mayClose">Completes when, during a stop of the broker, every outstanding request was answered.</param>
    public ClientConnection(SessionEnvironment environment, ConnectionContext transport, Task mayClose)
    {
        _environment = environment;
        _transport = transport;
        _mayClose = mayClose;
        _input = transport.Transport.Input;
        _output = new FrameOutput(transport.Transport.Output, environment.Options.OutputBufferBytes, environment.Metrics.BytesOut);
        _lost = new LostPublishes(environment.Logger, Peer);
        _acceptedAt = _lastReceived = environment.WireTime.GetTimestamp();
    }

    public FrameOutput Output => _output;

    /// <summary>Highest topology generation that the client says it reflects; 0 before it says any (TOP-7). Thread-safe.</summary>
    public ulong AcknowledgedGeneration => Volatile.Read(ref _acknowledgedGeneration);

    private IPEndPoint? Peer => _transport.RemoteEndPoint as IPEndPoint;

    private long ReplyRoomBytes => _phase == Phase.Ready ? _output.ReplyRoomBytes : _environment.Options.MaxUnauthenticatedFrameBytes;

    private int MaxBodyBytes => _phase == Phase.Ready ? _environment.Options.MaxFrameBytes : _environment.Options.MaxUnauthenticatedFrameBytes;

    /// <summary>Which client this is, in a few words for operators.</summary>
    public string Describe() => $"{_clientName} {Peer}";

    /// <summary>Serves the connection until it ends; never throws.</summary>
    public async Task RunAsync()
    {
        string reason;
        try
        {
            reason = await ReadAsync();
        }
        catch (Exception gone) when (FrameOutput.IsEndOf(gone))
        {
            reason = gone.Message;
            if (!IsStopping) _environment.Metrics.Errors.Increment();
        }
        catch (Exception fault)
        {
            reason = "the broker met a fault";
            _environment.Metrics.Errors.Increment();
            _environment.Logger.RequestFaulted(Peer, 0, FaultTrace.New(), fault);
        }

        await EndAsync();
        _environment.Logger.ClientGone(Peer, reason);
    }

    /// <summary>Makes the read loop end after the frames it is at, unless their replies find no room; completes when what it collected was handed over.</summary>
    public Task BeginStop()
    {
        _stopRequested.TrySetResult();
        _input.CancelPendingRead();
        return _left.Task;
    }

    /// <summary>Ends the connection without a word. Thread-safe.</summary>
    public void Cut() => _transport.Abort();

    private async Task<string> ReadAsync()
    {
        while (true)
        {
            BeginListening();
            ReadResult result = await _input.ReadAsync();
            if (_output.IsSendingHere) await Task.Yield();
            NoteReceived();
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (IsStopping)
            {
                _input.AdvanceTo(buffer.End);
                return Stopping;
            }

            if (HasStaleAccess && !await RefreshAccessAsync())
            {
                _input.AdvanceTo(buffer.End);
                return "its user was removed";
            }

            if (_phase == Phase.AwaitsHello && LooksLikeTls(buffer))
            {
                _environment.Logger.TlsOnPlaintextListener(Peer);
                return "it speaks TLS";
            }

            while (true)
            {
                if (_output.PendingBytes > ReplyRoomBytes)
                {
                    await WaitForReplyRoomAsync();
                    if (IsStopping)
                    {
                        _input.AdvanceTo(result.Buffer.End);
                        return Stopping;
                    }
                }

                _bytesAhead = buffer.Length;
                FrameStatus status = _frames.TryTake(ref buffer, MaxBodyBytes, out FrameHeader header, out ReadOnlyMemory<byte> body);
                if (status == FrameStatus.Incomplete) break;
                if (status == FrameStatus.TooLarge)
                {
                    string refusal = RefuseTooLarge(header);
                    _environment.Metrics.Errors.Increment();
                    _input.AdvanceTo(result.Buffer.End);
                    return refusal;
                }

                _tagsTaken = 0;
                FrameOutcome outcome = Handle(header, body.Span);
                while (outcome == FrameOutcome.MustWait) outcome = await HandleWaitingAsync(header, body);
                if (outcome == FrameOutcome.Close)
                {
                    _environment.Metrics.Errors.Increment();
                    _input.AdvanceTo(result.Buffer.End);
                    return "it broke the protocol or failed to log in";
                }
            }

            if (!TryPostCollected()) await PostCollectedAsync();
            _output.Flush();
            _frames.Trim();
            _rewrittenHeaders?.Clear();
            _environment.Metrics.BytesIn.Add(result.Buffer.Length - buffer.Length);
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return "it closed the connection";
        }
    }

    private void NoteReceived()
    {
        EndListening();
        _receivedMs = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        EndIdlePublishers();
        _lost.ReportIfDue(_receivedMs);
    }

    /// <summary>A peer that asks and never reads: its replies are bounded by not asking it any further.</summary>
    private async ValueTask WaitForReplyRoomAsync()
    {
        await PostCollectedAsync();
        _output.Flush();
        BeginListening();
        await Task.WhenAny(_output.WaitBelowAsync(ReplyRoomBytes / 2), _stopRequested.Task);
        EndListening();
    }

    private static bool LooksLikeTls(in ReadOnlySequence<byte> buffer)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        return first.Length >= 2 && first[0] == 0x16 && first[1] == 0x03;
    }

    private string RefuseTooLarge(in FrameHeader header)
    {
        string text = _phase switch
        {
            Phase.AwaitsHello => NotAClientText,
            Phase.AwaitsAuth => $"The frame's body has {header.BodyBytes} bytes; before the login this broker takes {MaxBodyBytes} (broker.max_unauthenticated_frame_bytes).",
            _ => $"The frame's body has {header.BodyBytes} bytes; this broker takes {MaxBodyBytes} (broker.max_frame_bytes). Send smaller messages, or raise the limit.",
        };
        CloseWith(header.RequestId, ErrorCode.Invalid, text);
        return "its frame was too large";
    }

    /// <summary>Answers a request with an error under its own id.</summary>
    private void Refuse(ulong requestId, ErrorCode code, string text)
    {
        _environment.Logger.RequestRefused(Peer, (int)code, text);
        _output.Error(OpCode.Error, requestId, code, text);
    }

    private async Task EndAsync()
    {
        try
        {
            await LeaveAsync();
            _left.TrySetResult();
            _output.Flush();
            if (IsStopping) await _mayClose;
            _output.Flush();
            await _output.WaitBelowAsync(1).WaitAsync(FinalFlushTimeout, _environment.WireTime);
            await LingerAsync();
        }
        catch (Exception gone) when (gone is TimeoutException || FrameOutput.IsEndOf(gone))
        {
            // The peer does not read: it has had its two seconds (CLS-1).
            _transport.Abort();
        }
        finally
        {
            _left.TrySetResult();
            _output.Close();
            _frames.ReleaseScratch();
        }
    }

    /// <summary>The connection ends: what was collected is handed over, and the session waits for another connection (RES-3).</summary>
    private async Task LeaveAsync()
    {
        if (!IsStopping) _output.RefuseDeliveries();
        await PostCollectedAsync();
        if (_session is { } session)
        {
            if (IsStopping && session.IsAttachedTo(this)) await session.StopAsync();
            else await session.DetachAsync(this);
        }

        EndClaim();
        _routes.EndPublishers();
        _lost.Report();
    }

    /// <summary>
    /// Lets the peer read a final error, or the last answers of a broker that stops, and close first. Closing a socket with unread input
    /// resets the connection, and a reset can overtake them.
    /// </summary>
    private async Task LingerAsync()
    {
        if (!_endsWithError && !IsStopping) return;
        using var timeout = new CancellationTokenSource(LingerTimeout, _environment.WireTime);
        try
        {
            while (true)
            {
                ReadResult result = await _input.ReadAsync(timeout.Token);
                _input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return;
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // It had time to read; closing is up to the broker then.
        }
    }

    private enum FrameOutcome
    {
        Done,
        MustWait,
        Close,
    }
}
