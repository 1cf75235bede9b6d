namespace Fibril.Client.Connection;

// What finds no room waits in one queue. As long as anything waits nothing gets past, so callers keep their order; whoever makes room (the
// sender, by taking the buffer; the receive loop, by freeing places for answers; who gives up) writes what fits now, all at once.
internal sealed partial class FibrilConnection
{
    private readonly Queue<WaitingWrite> _waiting = [];

    /// <summary>Under the lock: true when a frame may be written at once. One that is larger than the buffer goes alone.</summary>
    private bool HasRoom(int bytes, bool needsPlace) => _waiting.Count == 0 && Fits(bytes, needsPlace);

    private bool Fits(int bytes, bool needsPlace) =>
        (!needsPlace || _pending.HasRoom)
        && (_output.PendingBytes == 0 || (long)_output.PendingBytes + bytes <= _options.WriteBufferBytes);

    /// <summary>Under the lock.</summary>
    private void Wait(WaitingWrite write)
    {
        write.WaitsSince = _time.GetTimestamp();
        ArmDeadlines();
        _waiting.Enqueue(write);
    }

    /// <summary>Under the lock: writes what there is room for. Who was written is told later, outside.</summary>
    private List<WaitingWrite>? WriteWaiting()
    {
        List<WaitingWrite>? written = null;
        while (_waiting.TryPeek(out WaitingWrite? next))
        {
            if (!next.IsOver)
            {
                if (!Fits(next.FrameBytes, next.Reply is not null)) break;
                next.Write(_output.GetSpan(next.FrameBytes), next.Reply is null ? _pending.NextId() : Expect(next.Reply));
                _output.Advance(next.FrameBytes);
                next.IsOver = true;
                (written ??= []).Add(next);
            }

            _waiting.Dequeue();
        }

        return written;
    }

    /// <summary>Takes a frame back that waits; false when it was written, or was taken back.</summary>
    public bool TryTakeBack(WaitingWrite write)
    {
        lock (_gate)
        {
            if (write.IsOver) return false;
            write.IsOver = true; // leaves the queue when its turn comes
        }

        LetOthersPass();
        return true;
    }

    /// <summary>After frames were taken back: others may have waited for nothing else.</summary>
    private void LetOthersPass()
    {
        if (WriteWhatFits()) SendOnPool();
    }

    /// <summary>Receive loop: requests were answered, so there are places again.</summary>
    private void FreePlaces(int count)
    {
        _pending.Release(count);
        if (WriteWhatFits()) SendWhatWaits();
    }

    /// <summary>Writes what there is room for and tells who was written; true when the caller has become the sender.</summary>
    private bool WriteWhatFits()
    {
        List<WaitingWrite>? written;
        bool isSender;
        lock (_gate)
        {
            if (_waiting.Count == 0 || _fault is not null) return false;
            written = WriteWaiting();
            isSender = written is not null && BecomeSender();
        }

        Tell(written);
        return isSender;
    }

    private static void Tell(List<WaitingWrite>? written)
    {
        if (written is null) return;
        foreach (WaitingWrite write in written) write.OnWritten();
    }
}
