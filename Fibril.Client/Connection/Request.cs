using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>A request with one kind of success reply, awaited as a task.</summary>
internal class Request<TReply>(string description) : PendingReply where TReply : IWireMessage<TReply>
{
    private readonly TaskCompletionSource<TReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClaimed;

    /// <summary>The reply, or why there is none.</summary>
    public Task<TReply> Reply => _reply.Task;

    public override string Describe() => description;

    public override void Answer(OpCode opCode, ReadOnlySpan<byte> body)
    {
        if (opCode != TReply.OpCode)
        {
            FibrilException failure = ReadFailure(opCode, body);
            if (TryClaim()) Fail(failure);
            return;
        }

        // Whoever may send an empty message may also send it with a body, which is ignored.
        TReply reply = Incoming.Read<TReply>(opCode, TReply.Magic == 0 ? default : body);
        OnReply(reply);
        if (TryClaim()) _reply.SetResult(reply);
    }

    public override bool IsClaimed => Volatile.Read(ref _isClaimed) != 0;

    public override bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    public override void Fail(Exception reason)
    {
        _reply.SetException(reason);
        _ = _reply.Task.Exception; // seen: whoever asked may have stopped waiting
    }

    public override void Abandon(FibrilException connectionFault)
    {
        if (!TryClaim()) return;
        string text = $"{connectionFault.Message} No answer came to {Describe()}.";
        Fail(new FibrilConnectionException(text, connectionFault) { IsOutcomeUnknown = true });
    }

    /// <summary>Runs on the receive loop before anyone else sees the reply, and before the next frame is looked at.</summary>
    protected virtual void OnReply(TReply reply)
    {
    }
}
