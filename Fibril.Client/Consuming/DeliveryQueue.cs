using System.Threading.Tasks.Sources;

namespace Fibril.Client.Consuming;

/// <summary>Deliveries between the receive loops, which add them a read at a time, and the one reader, which takes all there are at once.</summary>
/// <remarks>
/// Bounded. A broker never has more leased deliveries out than were asked for. When more than that wait unread here, those go first that come
/// again because their partition was subscribed to anew. For what is left the leases of the oldest are over and the broker has already given their
/// messages to someone else: the oldest are dropped. What nobody leases must not be dropped: deliveries that the broker settled itself, and records
/// of a stream. Their receive loop asks first and waits.
/// </remarks>
/// <param name="capacity">Most deliveries that wait unread, until <see cref="AddCapacity"/>.</param>
/// <param name="canDrop">True for deliveries with a lease: only those are given to someone else when they wait too long.</param>
internal sealed class DeliveryQueue(int capacity, bool canDrop = true) : IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private MessageList _ready = new();
    private MessageList _taken = new();
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private TaskCompletionSource? _room;
    private Exception? _error;
    private bool _isOpen;
    private bool _isWaiting;
    private bool _isEnded;
    private bool _isClosed;
    private int _capacity = capacity;

    /// <summary>What the reader stands on.</summary>
    public ReceivedMessage? Current { get; private set; }

    /// <summary>True when the reader has more to read at once. May be out of date.</summary>
    public bool HasBuffered => _taken.Count > 0 || _ready.Count > 0;

    /// <summary>True when a receive loop has to wait before it adds more than <paramref name="arrivals"/>.</summary>
    public bool IsFullWith(int arrivals) => Volatile.Read(ref _isOpen) && !_isEnded && _ready.Count + arrivals >= Volatile.Read(ref _capacity);

    /// <summary>From now on there may be a reader to wait for.</summary>
    /// <remarks>Before that a receive loop that waits would never come to the answers of the other partitions, which the reader waits for.</remarks>
    public void Open() => Volatile.Write(ref _isOpen, true);

    /// <summary>Adds deliveries of one read and wakes the reader. From any receive loop.</summary>
    /// <returns>How many were dropped because they had waited longer than their lease.</returns>
    public int Add(ReadOnlySpan<ReceivedMessage?> messages)
    {
        bool wake;
        int surplus;
        lock (_gate)
        {
            if (_isEnded) return 0;
            _ready.Add(messages);
            if (_ready.Count > _capacity) _ready.DropVoid();
            surplus = canDrop ? Math.Max(0, _ready.Count - _capacity) : 0;
            _ready.Drop(surplus);
            (wake, _isWaiting) = (_isWaiting, false);
        }

        if (wake) _arrival.SetResult(true);
        return surplus;
    }

    /// <summary>No more will come. What waits can still be read; behind it the sequence ends, with <paramref name="error"/> or without.</summary>
    public void End(Exception? error)
    {
        bool wake;
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (_isEnded) return;
            _isEnded = true;
            _error = error;
            (wake, _isWaiting) = (_isWaiting, false);
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        if (!wake) return;
        if (error is null) _arrival.SetResult(false);
        else _arrival.SetException(error);
    }

    /// <summary>As <see cref="End"/>, and what waits is forgotten.</summary>
    public void Close()
    {
        Volatile.Write(ref _isClosed, true);
        End(error: null);
        lock (_gate) _ready.Clear();
    }

    /// <summary>A further partition delivers to here. What it adds stays: its last deliveries may wait here when it is gone.</summary>
    public void AddCapacity(uint more)
    {
        lock (_gate) Volatile.Write(ref _capacity, (int)Math.Min(int.MaxValue, (long)_capacity + more));
    }

    /// <summary>Completes when the reader has taken what there was, or needs no more. For any number of receive loops.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isEnded || _ready.Count < _capacity) return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Steps to the next delivery. One reader, one call at a time.</summary>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellationToken);
        if (Volatile.Read(ref _isClosed)) return new ValueTask<bool>(false);
        return TryTake() ? new ValueTask<bool>(true) : WaitForArrival(cancellationToken);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _arrival.GetResult(token) && TryTake(skipVoid: false);
    }

    private ValueTask<bool> WaitForArrival(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (TryTake()) return new ValueTask<bool>(true);
            if (_isEnded) return _error is null ? new ValueTask<bool>(false) : ValueTask.FromException<bool>(_error);
            _arrival.Reset();
            _isWaiting = true;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (queue, token) => ((DeliveryQueue)queue!).StopWaiting(token), this);
        }

        return new ValueTask<bool>(this, _arrival.Version);
    }

    /// <summary>Steps to the next delivery that is worth reading; false when there is none.</summary>
    /// <param name="skipVoid">False takes any: a reader that was woken expects something.</param>
    private bool TryTake(bool skipVoid = true)
    {
        while (_taken.Count > 0 || TryTakeReady())
        {
            ReceivedMessage message = _taken.Take();
            if (skipVoid && message.IsVoid) continue; // it comes again
            Current = message;
            message.NoteHandedOut();
            return true;
        }

        return false;
    }

    private bool TryTakeReady()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (_ready.Count == 0) return false;
            (_ready, _taken) = (_taken, _ready);
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        return true;
    }

    private void StopWaiting(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        _arrival.SetException(new OperationCanceledException(cancellationToken));
    }
}
