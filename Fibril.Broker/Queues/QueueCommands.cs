namespace Fibril.Broker.Queues;

/// <summary>Something an operator asks of a partition, answered when it was carried out. Runs whatever state the partition is in.</summary>
internal sealed class QueryCommand<TResult>(Func<QueuePartition, TResult> act) : QueueCommand
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Answer => _answer.Task;

    public override void Apply(QueuePartition partition)
    {
        try
        {
            _answer.SetResult(act(partition));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whoever asked is told, and the partition goes on.
            _answer.SetException(failure);
        }
    }
}
