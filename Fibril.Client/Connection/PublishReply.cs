using System.Threading.Tasks.Sources;
using Fibril.Client.Routing;
using Fibril.Client.Telemetry;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>A confirmed publish that waits for its offset. Used again for later ones, so that confirming allocates nothing.</summary>
/// <remarks>
/// Two parties let go of it: the receive loop when the answer has arrived, and whoever awaited it. The later one returns it. Someone who
/// stopped waiting has let go already, so a late answer finds a reply that is nobody's, and never one that is used again.
/// </remarks>
internal sealed class PublishReply(PublishReplyPool pool) : PendingReply, IValueTaskSource<long>
{
    private const int Claimed = 1;    // a result is set, or is being set by whoever set this bit
    private const int Answered = 2;   // the receive loop let go
    private const int Taken = 4;      // the waiter took the result; nobody may take it twice
    private const int Consumed = 8;   // the waiter let go

    private ManualResetValueTaskSourceCore<long> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private QueueAddress? _queue;
    private uint _partition;
    private ClientOperation? _operation;
    private int _state;

    /// <summary>The publish while it waits for room. Changed under the lock.</summary>
    public WaitingPublish? Waiting { get; set; }

    /// <summary>Link of the pool's list.</summary>
    public PublishReply? Next { get; set; }

    /// <summary>Length of the pool's list from here on.</summary>
    public int ListLength { get; set; }

    /// <summary>Makes a reply wait for a publish, whose outcome it tells the operation too.</summary>
    public void Prepare(QueueAddress queue, uint partition, ClientOperation? operation)
    {
        _queue = queue;
        _partition = partition;
        _operation = operation;
        Volatile.Write(ref _state, 0);
    }

    /// <summary>Changes with every publish that this reply serves.</summary>
    public short Version => _core.Version;

    /// <summary>The offset, to be awaited once; the token ends the waiting, not the publish.</summary>
    public ValueTask<long> AsValueTask(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (reply, token) => ((PublishReply)reply!).GiveUp(token), this);
        }

        return new ValueTask<long>(this, _core.Version);
    }

    public override string Describe() => $"the publish to {_queue}, partition {_partition}";

    /// <summary>As <see cref="Answer"/>, for the answer that nearly all get.</summary>
    public void Confirm(ulong offset)
    {
        if (!Release()) return;
        _operation?.End((long)offset);
        _core.SetResult((long)offset);
    }

    public override void Answer(OpCode opCode, ReadOnlySpan<byte> body)
    {
        if (opCode == OpCode.PublishOk) Confirm(Incoming.Read<PublishOkMessage>(opCode, body).Offset);
        else if (ReadFailure(opCode, body) is var failure && Release()) Fail(failure);
    }

    public override bool IsClaimed => (Volatile.Read(ref _state) & Claimed) != 0;

    public override bool TryClaim() => (Interlocked.Or(ref _state, Claimed) & Claimed) == 0;

    public override void Fail(Exception reason)
    {
        _operation?.End(reason);
        _core.SetException(reason);
    }

    public override void Abandon(FibrilException connectionFault)
    {
        string text = $"{connectionFault.Message} The broker had not confirmed {Describe()}; its outcome is unknown: it may have been stored.";
        if (Release()) Fail(new FibrilConnectionException(text, connectionFault) { IsOutcomeUnknown = true });
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public long GetResult(short token)
    {
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending || (Interlocked.Or(ref _state, Taken) & Taken) != 0)
        {
            throw new InvalidOperationException("The outcome of a publish can be awaited once; use AsTask() to await it more often.");
        }

        _cancellation.Dispose(); // waits for a callback under way: none runs later
        _cancellation = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset(); // at once, so that a second await fails instead of seeing another publish
            if ((Interlocked.Or(ref _state, Consumed) & Answered) != 0) pool.Return(this);
        }
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        var reason = new OperationCanceledException(cancellationToken);
        if (Waiting?.TryWithdraw(reason) != true && TryClaim()) Fail(reason);
    }

    /// <summary>Lets go for the receive loop; true when there is still someone to tell.</summary>
    private bool Release()
    {
        int before = Interlocked.Or(ref _state, Claimed | Answered);
        if ((before & Claimed) == 0) return true;
        if ((before & Consumed) != 0) pool.Return(this);
        return false;
    }
}
