using System.Net.Sockets;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

internal sealed partial class FibrilConnection
{
    private ITimer? _heartbeat;

    /// <summary>Measures one round trip.</summary>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var request = new PingRequest(_time);
        await RequestAsync(default(PingMessage), request, cancellationToken).ConfigureAwait(false);
        return request.RoundTrip;
    }

    /// <summary>One PING per interval, busy or not; silence for more than three is the end (HB-2, HB-3).</summary>
    private void Beat()
    {
        TimeSpan silence = _time.GetElapsedTime(Volatile.Read(ref _lastReceivedAt));
        bool listens = !WaitsForReader && !HasUnreadInput(); // who does not listen cannot complain about silence
        if (listens && silence > _options.HeartbeatInterval * ProtocolDefaults.HeartbeatMisses)
        {
            Fail(new FibrilConnectionException(
                $"Heartbeat timeout: nothing came from {_endpoint} for {silence.TotalSeconds:0.###} s. "
                + "The broker hangs, or there is a network stall; reconnect to go on."));
            return;
        }

        Post(id: null, default(PingMessage));
    }

    /// <summary>True while bytes lie in the socket, because the machine is busy or the process was stopped.</summary>
    private bool HasUnreadInput()
    {
        try
        {
            return _socket.Available > 0;
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class PingRequest(TimeProvider time) : Request<PongMessage>("a ping")
    {
        public TimeSpan RoundTrip { get; private set; }

        protected override void OnReply(PongMessage reply) => RoundTrip = time.GetElapsedTime(StartedAt);
    }
}
