using Fibril.Client.Publishing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

internal sealed partial class FibrilConnection
{
    private const ulong FirstRequestId = 4; // behind HELLO, AUTH and the id of a reconciliation

    private readonly PendingReplies _pending;
    private readonly PublishReplyPool _publishReplies;

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="FibrilException">The broker refused, did not answer in time, or is gone.</exception>
    public Task<TReply> RequestAsync<TMessage, TReply>(TMessage message, Request<TReply> request, CancellationToken cancellationToken)
        where TMessage : IWireMessage<TMessage>
        where TReply : IWireMessage<TReply>
    {
        int size = CheckedSize(in message);
        bool isSender;
        lock (_gate)
        {
            if (!IsConnected) return Task.FromException<TReply>(NotConnected());
            bool hasRoom = HasRoom(size, needsPlace: true);
            if (hasRoom)
            {
                WriteSettlements(); // who settles and then asks gets an answer that knows of it
                Write(Expect(request), in message, size);
            }
            else
            {
                Wait(new WaitingRequest<TMessage>(message, size, request));
            }

            isSender = hasRoom && BecomeSender();
        }

        if (isSender) SendWhatWaits();
        return request.Reply.WaitAsync(cancellationToken);
    }

    /// <summary>Writes a publish, or puts it into the queue for room.</summary>
    /// <param name="envelope">Everything but the payload.</param>
    /// <param name="payload">Done with when the call returns, or when <paramref name="waiting"/> was written or refused.</param>
    /// <param name="mode">Whether a confirmation is asked for, and whether the caller will stand still for it.</param>
    /// <param name="reply">The confirmation to come, when one is asked for.</param>
    /// <param name="waiting">The publish in the queue; null when it was written.</param>
    /// <returns>False when the connection is gone.</returns>
    /// <exception cref="ArgumentException">The message is larger than a frame may be.</exception>
    public bool TryPublish(
        in Envelope envelope, scoped OutgoingPayload payload, PublishMode mode, out PublishReply? reply, out WaitingPublish? waiting)
    {
        bool isConfirmed = mode != PublishMode.Unconfirmed;
        return envelope.NotBefore is { } notBefore
            ? TryPublish(envelope.ToDelayedMessage(payload.Bytes, notBefore, isConfirmed), in envelope, payload, mode, out reply, out waiting)
            : TryPublish(envelope.ToMessage(payload.Bytes, isConfirmed), in envelope, payload, mode, out reply, out waiting);
    }

    /// <summary>The error of a call that finds the connection gone.</summary>
    public FibrilConnectionException NotConnected() => Fault is { } fault
        ? new FibrilConnectionException($"There is no connection to {_endpoint}. {fault.Message}", fault)
        : new FibrilConnectionException($"The connection to {_endpoint} is being closed by this client.");

    private bool TryPublish<TMessage>(
        scoped in TMessage message, in Envelope envelope, scoped OutgoingPayload payload, PublishMode mode,
        out PublishReply? reply, out WaitingPublish? waiting)
        where TMessage : IWireMessage<TMessage>, allows ref struct
    {
        int size = CheckedSize(in message);
        bool isConfirmed = mode != PublishMode.Unconfirmed;
        bool isSender;
        bool isAlone;
        reply = null;
        waiting = null;
        lock (_gate)
        {
            if (!IsConnected) return false;
            if (isConfirmed) reply = _publishReplies.Rent(envelope.Queue, envelope.Partition, envelope.Operation);
            if (!HasRoom(size, isConfirmed))
            {
                waiting = new WaitingPublish(this, envelope, payload.Keep(), size, mode, reply);
                if (reply is not null) reply.Waiting = waiting;
                Wait(waiting);
                return true;
            }

            Write(reply is null ? _pending.NextId() : Expect(reply), in message, size);
            isSender = BecomeSender();
            isAlone = isSender && (mode == PublishMode.Confirmed || IsQuiet());
        }

        if (isAlone) SendWhatWaits();
        else if (isSender) SendOnPool();
        return true;
    }

    private int CheckedSize<TMessage>(scoped in TMessage message) where TMessage : IWireMessage<TMessage>, allows ref struct
    {
        int size = Frame.Measure(in message);
        return size - FrameHeader.Size <= _options.MaxFrameBytes
            ? size
            : throw new ArgumentException(
                $"The message takes {size - FrameHeader.Size} bytes; "
                + $"{nameof(FibrilClientOptions.MaxFrameBytes)} allows {_options.MaxFrameBytes}.");
    }

    /// <summary>Under the lock: gives a request its id, its place and its deadline.</summary>
    private ulong Expect(PendingReply reply)
    {
        reply.StartedAt = _time.GetTimestamp();
        ArmDeadlines();
        return _pending.Add(reply);
    }
}
