using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Replay;

/// <summary>A replay of many dead letters that runs by itself. Thread-safe.</summary>
internal sealed partial class ReplayJob : IDisposable
{
    private readonly IPartitionVisits _partitions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _cancelling = new();
    private ReplayProgress _progress;
    private bool _isInterrupted;

    public ReplayJob(long id, BulkReplayRequest request, IPartitionVisits partitions, TimeProvider time, ILogger logger)
    {
        Id = id;
        Request = request;
        _partitions = partitions;
        _time = time;
        _logger = logger;
        _progress = new ReplayProgress(ReplayState.Running, NowMs);
    }

    /// <summary>Unique over restarts of the broker.</summary>
    public long Id { get; }

    public BulkReplayRequest Request { get; }

    public ReplayProgress Progress => Volatile.Read(ref _progress);

    public bool IsRunning => Progress.State == ReplayState.Running;

    /// <summary>Completes, and never fails, when the job has ended, of whatever.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Starts the job, once.</summary>
    public void Start() => Ended = RunAsync();

    /// <summary>Ends the job after the copies that are on their way; nothing when it has ended.</summary>
    public void Cancel()
    {
        if (IsRunning) _cancelling.Cancel();
    }

    /// <summary>As <see cref="Cancel"/>, because the broker stops.</summary>
    public void Interrupt()
    {
        Volatile.Write(ref _isInterrupted, true);
        Cancel();
    }

    /// <summary>Not before it has ended.</summary>
    public void Dispose() => _cancelling.Dispose();

    private void Update(ReplayProgress progress) => Volatile.Write(ref _progress, progress);
}
