using Fibril.Broker.Channels;

namespace Fibril.Broker.Queues;

/// <summary>A question to a partition, answered on its loop: with what it says, or with the reason why it serves nobody.</summary>
/// <remarks>
/// Questions plan reads, so they are put off while messages are moved. One that fails is its asker's to hear, and nobody else's: it has
/// changed nothing.
/// </remarks>
internal sealed class QueueQuery<T>(Func<QueuePartition, T> question) : QueueCommand
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Apply(QueuePartition partition)
    {
        if (partition.TryPutOff(this)) return;
        if (partition.NotServingBecause is { } because)
        {
            _answer.SetException(new PartitionNotServingException(partition.Id, because));
            return;
        }

        try
        {
            _answer.SetResult(question(partition));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _answer.SetException(failure);
        }
    }
}
