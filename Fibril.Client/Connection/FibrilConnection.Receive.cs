using System.Net.Sockets;
using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

// One loop reads as much as there is, handles every complete frame where it lies, and only then wakes readers: once per read, not per
// message. User code never runs on it.
internal sealed partial class FibrilConnection
{
    private readonly ReceiveBuffer _input;
    private readonly List<SubscriptionLeg> _legsWithArrivals = [];
    private SubscriptionLeg? _blockedBy;
    private long _lastReceivedAt;
    private long _readAgainAt;
    private int _arrivals;
    private int _answered;

    /// <summary>True while the connection is not read because a subscription has no room. Thread-safe.</summary>
    public bool WaitsForReader => Volatile.Read(ref _blockedBy) is not null;

    private async Task ReceiveAsync()
    {
        const string Doing = "waiting for the next frame";
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (true)
            {
                await HandleFramesAsync().ConfigureAwait(false);
                NoteReceived(await ReceiveBytesAsync(CancellationToken.None).ConfigureAwait(false), Doing);
            }
        }
        catch (FibrilException reason)
        {
            Fail(reason);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or IOException)
        {
            Fail(Lost(broken, Doing));
        }
        catch (Exception bug)
        {
            Fail(new FibrilProtocolException($"The connection to {_endpoint} ended because of a fault of this client: {bug.Message}", bug));
            throw;
        }
        finally
        {
            AbandonEverything();
        }
    }

    private ValueTask<int> ReceiveBytesAsync(CancellationToken cancellationToken) => _secure is null
        ? _socket.ReceiveAsync(_input.GetRoom(), SocketFlags.None, cancellationToken)
        : _secure.ReadAsync(_input.GetRoom(), cancellationToken);

    private void NoteReceived(int count, string doing)
    {
        if (count == 0) throw ClosedByPeer(doing);
        _input.Advance(count);
        Volatile.Write(ref _lastReceivedAt, _time.GetTimestamp());
    }

    private async ValueTask HandleFramesAsync()
    {
        while (HandleFrames() is { } full)
        {
            // The socket is the only brake on a subscription that settles by itself: stop reading until its reader has caught up.
            Volatile.Write(ref _blockedBy, full);
            if (full.Target is { } target) await Task.WhenAny(target.WaitForRoomAsync(), _ending.Task).ConfigureAwait(false);
            long now = _time.GetTimestamp();
            Volatile.Write(ref _lastReceivedAt, now);
            Volatile.Write(ref _readAgainAt, now);
            Volatile.Write(ref _blockedBy, null);
        }
    }

    /// <summary>Handles the frames that are complete; stops at a delivery that its subscription has no room for, and names it.</summary>
    private SubscriptionLeg? HandleFrames()
    {
        SubscriptionLeg? full = null;
        try
        {
            while (full is null && _input.TryPeek(out FrameHeader header, out ReadOnlySpan<byte> body))
            {
                full = Handle(in header, body);
                if (full is null) _input.Skip(in header);
            }
        }
        finally
        {
            // What came before a malformed frame still counts.
            PublishArrivals();
            if (_answered > 0) FreePlaces(_answered);
            _answered = 0;
        }

        return full;
    }

    private FibrilConnectionException ClosedByPeer(string doing) => Volatile.Read(ref _isClosing)
        ? ClosedByClient()
        : new FibrilConnectionException($"{_endpoint} closed the connection while this client was {doing}.");
}
