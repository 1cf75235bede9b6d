using System.Net.Sockets;
using Fibril.Client.Consuming;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

// Frames are encoded into the output buffer under the lock. Whoever finds nobody sending becomes the sender: on its own thread when it
// waits for an answer anyway or when nothing was sent for a moment, else on a pool thread, so that what follows joins the same send.
// Everything written while a send is under way leaves with the next one. There is no timer and no dedicated thread.
internal sealed partial class FibrilConnection : IThreadPoolWorkItem
{
    private const int MaxSendsInARow = 16;
    private static readonly TimeSpan Moment = TimeSpan.FromMicroseconds(100);

    private readonly OutputBuffer _output;
    private readonly List<SubscriptionLeg> _legsWithSettlements = [];
    private readonly SocketAsyncEventArgs _sendOperation = new(true); // without anyone's execution context
    private TaskCompletionSource? _idle;
    private long _lastSendAt;
    private bool _isSending;

    /// <summary>Runs the sender on a pool thread.</summary>
    void IThreadPoolWorkItem.Execute() => SendWhatWaits();

    /// <summary>Writes a frame that nobody answers, or whose answer nobody waits for, under an id of its own or a borrowed one.</summary>
    private void Post<T>(ulong? id, scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        int size = Frame.Measure(in message);
        bool isSender;
        lock (_gate)
        {
            if (_fault is not null) return;
            Write(id ?? _pending.NextId(), in message, size);
            isSender = BecomeSender();
        }

        if (isSender) SendWhatWaits();
    }

    private void Write<T>(ulong id, scoped in T message, int size) where T : IWireMessage<T>, allows ref struct =>
        _output.Advance(Frame.Write(_output.GetSpan(size), id, in message));

    /// <summary>Under the lock, after writing: true for the one who has to send.</summary>
    private bool BecomeSender() => !_isSending && (_isSending = true);

    /// <summary>Under the lock: true when nothing was sent for a moment, so that what is written now may well stay alone.</summary>
    private bool IsQuiet() => _time.GetElapsedTime(_lastSendAt) > Moment;

    private void SendOnPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void SendWhatWaits()
    {
        for (int sends = 0; sends < MaxSendsInARow; sends++)
        {
            if (!TakeOutput(out ArraySegment<byte> bytes) || !TrySend(bytes)) return;
        }

        SendOnPool(); // others keep writing: give the caller its thread back
    }

    /// <summary>Takes what waits; false when that is nothing, and nobody sends any more.</summary>
    private bool TakeOutput(out ArraySegment<byte> bytes)
    {
        TaskCompletionSource? idle = null;
        List<WaitingWrite>? written = null;
        lock (_gate)
        {
            bytes = default;
            if (_fault is not null) return false; // and stay the sender: nothing is sent on a socket that is closed
            WriteSettlements();
            if (_output.PendingBytes > 0)
            {
                bytes = _output.Take();
                _lastSendAt = _time.GetTimestamp();
                if (_waiting.Count > 0) written = WriteWaiting();
            }
            else
            {
                _isSending = false;
                (idle, _idle) = (_idle, null);
            }
        }

        Tell(written);
        idle?.TrySetResult();
        return bytes.Count > 0;
    }

    /// <summary>True when the bytes are sent already. Otherwise <see cref="OnSent"/> goes on, or the connection is lost.</summary>
    private bool TrySend(ArraySegment<byte> bytes)
    {
        if (_secure is not null) return TrySendSecurely(_secure, bytes);
        try
        {
            _sendOperation.SetBuffer(bytes.Array, bytes.Offset, bytes.Count);
            return TrySendRest();
        }
        catch (ObjectDisposedException)
        {
            return false; // the connection failed meanwhile; the first fault is the one that counts
        }
    }

    private bool TrySendRest()
    {
        while (!_socket.SendAsync(_sendOperation))
        {
            int rest = FinishSend();
            if (rest <= 0) return rest == 0;
        }

        return false;
    }

    private void OnSent()
    {
        try
        {
            int rest = FinishSend();
            if (rest == 0 || (rest > 0 && TrySendRest())) SendWhatWaits();
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }

    /// <summary>Judges a send that ended: bytes that are left, at which the operation stands then; less than 0 when it failed.</summary>
    private int FinishSend()
    {
        if (_sendOperation.SocketError != SocketError.Success)
        {
            Fail(Lost(new SocketException((int)_sendOperation.SocketError), "sending"));
            return -1;
        }

        int rest = _sendOperation.Count - _sendOperation.BytesTransferred;
        if (rest > 0) _sendOperation.SetBuffer(_sendOperation.Offset + _sendOperation.BytesTransferred, rest);
        return rest;
    }

    /// <summary>Waits until everything that was written is with the operating system, or for a while.</summary>
    private async Task FlushAsync()
    {
        Task idle;
        lock (_gate)
        {
            if (_fault is not null || !_isSending) return;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        await idle.WaitAsync(CloseTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Lets the broker see the end of the stream, and waits for its own.</summary>
    /// <remarks>Closing a socket that has unread bytes can lose what was sent.</remarks>
    private async Task SayGoodbyeAsync()
    {
        if (Fault is not null || _receiving.IsCompleted) return;
        try
        {
            if (_secure is not null) await _secure.ShutdownAsync().WaitAsync(CloseTimeout, _time).ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or IOException or InvalidOperationException or TimeoutException)
        {
            return;
        }

        await _receiving.WaitAsync(CloseTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
