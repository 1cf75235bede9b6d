using Fibril.Client.Publishing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>A frame that found no room. Whoever makes room writes it, in the order of arrival, so nobody overtakes.</summary>
internal abstract class WaitingWrite(int frameBytes, PendingReply? reply)
{
    public int FrameBytes => frameBytes;

    /// <summary>The answer it will wait for; null for none.</summary>
    public PendingReply? Reply => reply;

    /// <summary>Timestamp of its arrival.</summary>
    public long WaitsSince { get; set; }

    /// <summary>True when it was written, or must not be written any more. Under the lock.</summary>
    public bool IsOver { get; set; }

    /// <summary>Writes the frame. Under the lock, once.</summary>
    public abstract void Write(Span<byte> destination, ulong id);

    /// <summary>Tells whoever waits for room that the frame is on its way. Outside the lock, once.</summary>
    public virtual void OnWritten()
    {
    }

    /// <summary>Tells whoever waits that the frame will not be written. Outside the lock, once, instead of <see cref="OnWritten"/>.</summary>
    public virtual void OnRefused(Exception reason)
    {
        if (reply is not null && reply.TryClaim()) reply.Fail(reason);
    }
}

/// <summary>A request. Nobody waits for its room: its answer is waited for from the start.</summary>
internal sealed class WaitingRequest<TMessage>(TMessage message, int frameBytes, PendingReply reply) : WaitingWrite(frameBytes, reply)
    where TMessage : IWireMessage<TMessage>
{
    public override void Write(Span<byte> destination, ulong id) => Frame.Write(destination, id, in message);
}

/// <summary>A publish, with all it takes to write it later.</summary>
/// <param name="connection">Whose room it waits for.</param>
/// <param name="envelope">Everything but the payload.</param>
/// <param name="payload">Taken over.</param>
/// <param name="frameBytes">Size of the frame.</param>
/// <param name="mode">A confirmed publish waits for its confirmation alone; others wait for room.</param>
/// <param name="reply">The confirmation to come; null for an unconfirmed publish.</param>
internal sealed class WaitingPublish(
    FibrilConnection connection, Envelope envelope, KeptPayload payload, int frameBytes, PublishMode mode, PublishReply? reply)
    : WaitingWrite(frameBytes, reply)
{
    private readonly TaskCompletionSource? _written =
        mode == PublishMode.Confirmed ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private CancellationTokenRegistration _cancellation;

    /// <summary>Completes when the frame is on its way; the token takes it back as long as it is not.</summary>
    public Task WhenWrittenAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (write, token) => ((WaitingPublish)write!).TryWithdraw(new OperationCanceledException(token)), this);
            if (_written!.Task.IsCompleted) _cancellation.Unregister(); // who completed it may not have seen the registration
        }

        return _written!.Task;
    }

    /// <summary>Takes the frame back and tells whoever waits; false when it is on its way already.</summary>
    public bool TryWithdraw(Exception reason)
    {
        if (!connection.TryTakeBack(this)) return false;
        OnRefused(reason);
        return true;
    }

    public override void Write(Span<byte> destination, ulong id)
    {
        if (envelope.NotBefore is { } notBefore)
        {
            Frame.Write(destination, id, envelope.ToDelayedMessage(payload.Bytes, notBefore, requireConfirm: reply is not null));
        }
        else
        {
            Frame.Write(destination, id, envelope.ToMessage(payload.Bytes, requireConfirm: reply is not null));
        }

        payload.Dispose();
        if (reply is not null) reply.Waiting = null;
    }

    public override void OnWritten()
    {
        _cancellation.Unregister();
        _written?.TrySetResult();
    }

    public override void OnRefused(Exception reason)
    {
        payload.Dispose();
        base.OnRefused(reason);
        _cancellation.Unregister();
        if (reason is OperationCanceledException cancelled) _written?.TrySetCanceled(cancelled.CancellationToken);
        else _written?.TrySetException(reason);
    }
}
