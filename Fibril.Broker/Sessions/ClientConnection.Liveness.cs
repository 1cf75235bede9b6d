using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// Heartbeats, time limits and the handshake window. A tick comes from the registry's timer and may overlap the read loop.
internal sealed partial class ClientConnection
{
    private const ulong GoingAwayId = 0; // not one of the server's counter (DRN-1)

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WindowAfterResume = TimeSpan.FromSeconds(5);

    private long _lastReceived;
    private long _phaseSince;
    private long _lastPing;
    private ulong _seenGeneration;
    private ulong _acknowledgedGeneration;
    private GoingAwayMessage? _goingAway;
    private bool _offeredResume;
    private bool _windowIsClosed;
    private bool _isListening;

    private bool IsStopping => _stopRequested.Task.IsCompleted;

    /// <summary>Called about once a second.</summary>
    public void Tick()
    {
        Phase phase = _phase;
        if (phase != Phase.Ready)
        {
            long since = phase == Phase.AwaitsHello ? _acceptedAt : Volatile.Read(ref _phaseSince);
            if (_environment.WireTime.GetElapsedTime(since) >= _environment.Options.HandshakeTimeout) _transport.Abort();
            return;
        }

        WakeForAccess();
        Beat();
        if (!IsWindowClosed) return;
        PushTopology();
        PushGoingAway();
        _session?.PushNews();
    }

    /// <summary>True when the client can take a push, and not mistake it for a handshake reply. Thread-safe.</summary>
    public bool CanPush => _phase == Phase.Ready && IsWindowClosed;

    /// <summary>The reply that ends the handshake was written: what follows may be anything.</summary>
    public void EndHandshakeWindow() => Volatile.Write(ref _windowIsClosed, true);

    /// <summary>Tells the client that the broker is about to go away, as soon as it may be told (DRN-1). Thread-safe.</summary>
    public void GoAway(GoingAwayMessage notice)
    {
        Volatile.Write(ref _goingAway, notice);
        if (CanPush) PushGoingAway();
    }

    private void EnterPhase(Phase phase, bool offeredResume)
    {
        _offeredResume = offeredResume;
        long now = _environment.WireTime.GetTimestamp();
        Volatile.Write(ref _phaseSince, now);
        Volatile.Write(ref _lastPing, now);
        _phase = phase;
    }

    /// <summary>The first frame that is not part of a handshake closes its window .</summary>
    private void NoteHandshakeProgress(OpCode opCode)
    {
        if (_windowIsClosed || _phase != Phase.Ready) return;
        if (opCode is OpCode.Auth or OpCode.ReconcileClient or OpCode.Ping or OpCode.Pong) return;
        Volatile.Write(ref _windowIsClosed, true);
    }

    /// <summary>Pushes wait until the client cannot take one for a handshake reply any more .</summary>
    private bool IsWindowClosed
    {
        get
        {
            if (Volatile.Read(ref _windowIsClosed)) return true;

            // Who waits for the broker is not quiet. In this order, as in a beat.
            if (!Volatile.Read(ref _isListening)) return false;
            long quietSince = Math.Max(Volatile.Read(ref _phaseSince), Volatile.Read(ref _lastReceived));
            if (_environment.WireTime.GetElapsedTime(quietSince) < (_offeredResume ? WindowAfterResume : Window)) return false;
            Volatile.Write(ref _windowIsClosed, true);
            return true;
        }
    }

    /// <summary>
    /// From now on silence is the peer's. While the broker works on what it received, or waits for its own disk, it leaves the socket
    /// unread, and that is no silence of the peer.
    /// </summary>
    private void BeginListening()
    {
        Volatile.Write(ref _lastReceived, _environment.WireTime.GetTimestamp());
        Volatile.Write(ref _isListening, true);
    }

    private void EndListening()
    {
        Volatile.Write(ref _isListening, false);
        Volatile.Write(ref _lastReceived, _environment.WireTime.GetTimestamp());
    }

    /// <summary>One PING per interval, idle or not; a peer that was silent for three of them is gone (HB-2, HB-3).</summary>
    private void Beat()
    {
        TimeSpan interval = _environment.Options.HeartbeatInterval;
        if (_environment.WireTime.GetElapsedTime(Volatile.Read(ref _lastPing)) < interval) return;

        // In this order: whoever is seen listening is seen with the time at which that began.
        bool isListening = Volatile.Read(ref _isListening);
        TimeSpan silence = _environment.WireTime.GetElapsedTime(Volatile.Read(ref _lastReceived));
        if (isListening && silence > interval * ProtocolDefaults.HeartbeatMisses)
        {
            _transport.Abort();
            return;
        }

        if (!IsWindowClosed) return;
        Volatile.Write(ref _lastPing, _environment.WireTime.GetTimestamp());
        _output.Push(default(PingMessage));
        _output.Flush();
    }

    private void PushGoingAway()
    {
        if (Interlocked.Exchange(ref _goingAway, null) is not { } notice) return;
        _output.Reply(GoingAwayId, notice);
        _output.Flush();
    }

    /// <summary>What the client says of itself never lowers what it said before (TOP-7).</summary>
    private FrameOutcome NoteTopology(ReadOnlySpan<byte> body)
    {
        // Nobody waits for an answer, so a malformed one is no more than a sign of life.
        if (Frame.TryRead(body, out TopologyUpdateAckMessage ack, out _))
            Volatile.Write(ref _acknowledgedGeneration, Math.Max(_acknowledgedGeneration, ack.Generation));
        return FrameOutcome.Done;
    }

    /// <summary>Sends the whole topology when it is not the one this connection was last known to see (TOP-5).</summary>
    private void PushTopology()
    {
        ulong generation = _environment.Topology.Generation;
        if (Volatile.Read(ref _seenGeneration) == generation) return;

        // Who is behind gets one later, and the newest then: pictures of the past need not pile up.
        if (_output.PendingBytes >= _environment.Options.OutputBufferBytes) return;
        Volatile.Write(ref _seenGeneration, generation);
        _output.Push(new TopologyUpdateMessage(Visible(_environment.Topology.All())));
        _output.Flush();
    }
}
