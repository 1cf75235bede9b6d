using Fibril.Broker.Channels;

namespace Fibril.Broker.Queues;

/// <summary>A change of a partition's state that somebody waits for: made on its loop, unless it serves nobody.</summary>
/// <remarks>One that fails halfway leaves a state that nobody knows, so its failure is the partition's as well.</remarks>
internal sealed class QueueChange<T>(Func<QueuePartition, T> change) : QueueCommand, IEventWait
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    /// <summary>True: answered when the change, and everything that happened before it, is durable. False: answered when it was made.</summary>
    public bool WaitsForDisk { get; init; }

    /// <summary>True: made during an outage, too, as settlements of consumers are.</summary>
    public bool AlsoInOutage { get; init; }

    public Task<T> Answer => _answer.Task;

    long? IEventWait.EventEnd { get; set; }

    public override void Apply(QueuePartition partition)
    {
        if ((AlsoInOutage ? partition.ParkedBecause : partition.NotServingBecause) is { } because)
        {
            _answer.SetException(new PartitionNotServingException(partition.Id, because));
            return;
        }

        try
        {
            _result = change(partition);
        }
        catch (Exception failure)
        {
            _answer.SetException(failure);
            throw;
        }

        if (WaitsForDisk) partition.AnswerWhenDurable(this);
        else _answer.SetResult(_result);
    }

    void IEventWait.Durable() => _answer.SetResult(_result);

    void IEventWait.Unknown(Exception failure) => _answer.SetException(failure);
}
