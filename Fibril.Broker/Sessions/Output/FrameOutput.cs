using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Sessions.Subscriptions;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Output;

/// <summary>Everything that goes to one connection: partition loops and the session write frames, one flush at a time sends them.</summary>
/// <remarks>
/// Thread-safe. Writing never waits: deliveries are refused when the peer does not read, replies are taken, and the session stops
/// reading when far too many of them pile up. Whoever wrote calls <see cref="Flush"/> once when done.
/// </remarks>
internal sealed class FrameOutput(PipeWriter writer, int deliveryRoomBytes, Counter bytesOut)
{
    private const int RepliesOverDeliveries = 16;

    private readonly Lock _gate = new();
    private readonly List<Feed> _waitingForRoom = [];
    private List<Feed> _written = [];
    private List<Feed> _sending = [];
    private ValueTaskAwaiter<FlushResult> _flush;
    private Action? _onFlushed;
    private TaskCompletionSource? _whenBelow;
    private long _whenBelowBytes;
    private long _unsentBytes;
    private long _sendingBytes;
    private ulong _nextPushId;
    private bool _isFlushing;
    private bool _isClosed;
    private bool _deliveriesAreRefused;

    /// <summary>Bytes of replies at which the session stops reading.</summary>
    public long ReplyRoomBytes { get; } = (long)deliveryRoomBytes * RepliesOverDeliveries;

    /// <summary>
    /// True on a thread that is inside a flush. The transport may run other code there when a connection breaks, and that code must not
    /// go on to wait for further locks.
    /// </summary>
    public bool IsSendingHere => _gate.IsHeldByCurrentThread;

    /// <summary>Bytes that wait to be sent; for a moment fewer, because it is read without the lock: the session looks at it with every frame.</summary>
    public long PendingBytes => Volatile.Read(ref _sendingBytes) + Volatile.Read(ref _unsentBytes);

    /// <summary>Writes a reply under the id of its request.</summary>
    public void Reply<T>(ulong requestId, scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        lock (_gate)
        {
            if (_isClosed) return;
            int size = Frame.Measure(in message);
            Advance(Frame.Write(writer.GetSpan(size), requestId, in message));
        }
    }

    /// <summary>Writes an error under one of the operations that carry one.</summary>
    public void Error(OpCode opCode, ulong requestId, ErrorCode code, string text)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            var message = new ErrorMessage(code, text);
            Frame.WriteError(writer, opCode, requestId, message);
            _unsentBytes += Frame.Measure(in message);
        }
    }

    /// <summary>Writes a frame that no request asked for, under the server's own counter (FRM-10).</summary>
    public void Push<T>(scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        lock (_gate)
        {
            if (_isClosed) return;
            int size = Frame.Measure(in message);
            Advance(Frame.Write(writer.GetSpan(size), _nextPushId++, in message));
        }
    }

    /// <summary>Writes a PUBLISH_OK for every message of the batch that asked for one.</summary>
    public void Confirm(PublishBatch batch)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            Span<byte> destination = writer.GetSpan(batch.Confirms.Count * PublishOkMessage.FrameBytes);
            int written = 0;
            for (int i = 0; i < batch.Confirms.Count; i++)
            {
                ConfirmRequest confirm = batch.Confirms[i];
                var message = new PublishOkMessage((ulong)batch.OffsetOf(confirm));
                written += Frame.Write(destination[written..], confirm.RequestId, in message);
            }

            Advance(written);
        }
    }

    /// <summary>Writes a DELIVER; false when the peer is too far behind, and the subscription is signalled when it is not any more.</summary>
    public bool TryDeliver(DeliveryFeed feed, in Record record, ulong tag, int retries)
    {
        lock (_gate)
        {
            if (_isClosed || _deliveriesAreRefused || feed.IsStopped || feed.IsClosed) return false;
            if (_unsentBytes + _sendingBytes >= deliveryRoomBytes)
            {
                _waitingForRoom.Add(feed);
                return false;
            }

            DeliveryFrame frame = feed.Subscription.Frame;
            Span<byte> destination = writer.GetSpan(frame.Measure(record, retries));
            Advance(frame.Write(destination, _nextPushId++, record, tag, retries));
            if (feed.NoteWritten(tag)) _written.Add(feed);
            return true;
        }
    }

    /// <summary>Writes DELIVER frames of neighbouring records, as many as there is room for.</summary>
    /// <returns>How many; after fewer than all, the subscription is signalled when there is room again.</returns>
    public int Deliver(StreamFeed feed, DeliveryImage image, int first, int count)
    {
        lock (_gate)
        {
            if (_isClosed || _deliveriesAreRefused || feed.IsStopped || feed.IsClosed) return 0;
            long room = deliveryRoomBytes - _unsentBytes - _sendingBytes;
            if (room <= 0)
            {
                _waitingForRoom.Add(feed);
                return 0;
            }

            int taken = image.CountWithin(first, count, room);
            int bytes = image.BytesOf(first, taken);
            StreamSessionSubscription to = feed.Subscription;
            image.CopyTo(writer.GetSpan(bytes)[..bytes], first, taken, to.Id, to.Slot, ref _nextPushId);
            Advance(bytes);
            if (feed.NoteWritten(image.FirstOffset + first + taken - 1)) _written.Add(feed);
            if (taken < count) _waitingForRoom.Add(feed);
            return taken;
        }
    }

    /// <summary>Ends a feed: from now on it takes no delivery, and none of its deliveries counts as sent that does not by now.</summary>
    public void Stop(Feed feed)
    {
        lock (_gate)
        {
            feed.NoteStopped();
            _waitingForRoom.Remove(feed);
        }
    }

    /// <summary>Sends what was written, unless a flush is under way that will.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isFlushing || _isClosed || _unsentBytes == 0) return;
            _isFlushing = true;
        }

        SendUntilDone();
    }

    /// <summary>Completes when fewer than <paramref name="bytes"/> wait to be sent, or when the connection is gone.</summary>
    public Task WaitBelowAsync(long bytes)
    {
        lock (_gate)
        {
            if (_isClosed || _unsentBytes + _sendingBytes < bytes) return Task.CompletedTask;
            _whenBelow ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _whenBelowBytes = Math.Max(_whenBelowBytes, bytes);
            return _whenBelow.Task;
        }
    }

    /// <summary>From now on no delivery is taken; replies still are.</summary>
    public void RefuseDeliveries()
    {
        lock (_gate)
        {
            _deliveriesAreRefused = true;
            _waitingForRoom.Clear();
        }
    }

    /// <summary>Nothing is written or sent any more. Deliveries that were not sent are not settled.</summary>
    public void Close()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _isClosed = true;
            _waitingForRoom.Clear();
            waiter = _whenBelow;
            _whenBelow = null;
        }

        waiter?.TrySetResult();
    }

    private void Advance(int bytes)
    {
        writer.Advance(bytes);
        _unsentBytes += bytes;
    }

    private void SendUntilDone()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_isClosed || _unsentBytes == 0)
                {
                    _isFlushing = false;
                    return;
                }

                _sendingBytes = _unsentBytes;
                _unsentBytes = 0;
                (_written, _sending) = (_sending, _written);
                foreach (Feed feed in _sending) feed.NoteSending();
                _flush = BeginFlush();
            }

            if (!_flush.IsCompleted)
            {
                _flush.UnsafeOnCompleted(_onFlushed ??= ContinueAfterFlush);
                return;
            }

            if (!FinishFlush()) return;
        }
    }

    private ValueTaskAwaiter<FlushResult> BeginFlush()
    {
#pragma warning disable CA2012 // One flush at a time, and its result is taken once: no state machine for each of them.
        try
        {
            return writer.FlushAsync().GetAwaiter();
        }
        catch (Exception gone) when (IsEndOf(gone))
        {
            return ValueTask.FromException<FlushResult>(gone).GetAwaiter();
        }
#pragma warning restore CA2012
    }

    /// <summary>True for what a transport throws when its connection is gone, whatever it was that the network reported.</summary>
    public static bool IsEndOf(Exception gone) =>
        gone is IOException or SocketException or InvalidOperationException or OperationCanceledException;

    private void ContinueAfterFlush()
    {
        if (FinishFlush()) SendUntilDone();
    }

    /// <summary>Tells everyone who waited for this flush; false when the connection is gone.</summary>
    private bool FinishFlush()
    {
        bool isGone;
        try
        {
            isGone = _flush.GetResult().IsCompleted;
        }
        catch (Exception gone) when (IsEndOf(gone))
        {
            isGone = true;
        }

        if (isGone)
        {
            Close();
            return false;
        }

        bytesOut.Add(Volatile.Read(ref _sendingBytes));
        Feed[] haveRoom = [];
        TaskCompletionSource? waiter = null;
        lock (_gate)
        {
            _sendingBytes = 0;
            foreach (Feed feed in _sending) feed.NoteSent();
            if (_waitingForRoom.Count > 0 && _unsentBytes < deliveryRoomBytes)
            {
                haveRoom = [.. _waitingForRoom];
                _waitingForRoom.Clear();
            }

            if (_whenBelow is not null && _unsentBytes < _whenBelowBytes)
            {
                waiter = _whenBelow;
                _whenBelow = null;
                _whenBelowBytes = 0;
            }
        }

        // Auto-ack deliveries of this flush were sent (M-70). The list is this flush's own until the next swap.
        foreach (Feed feed in _sending) feed.SignalSent();
        _sending.Clear();
        foreach (Feed feed in haveRoom) feed.SignalRoom();
        waiter?.TrySetResult();
        return true;
    }
}
