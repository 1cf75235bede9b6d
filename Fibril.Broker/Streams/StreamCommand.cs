using Fibril.Broker.Channels;
using Fibril.Broker.Streams.Delivery;

namespace Fibril.Broker.Streams;

/// <summary>Something that is asked of a partition, carried out on its loop.</summary>
internal abstract class StreamCommand
{
    public abstract void Apply(StreamPartition partition);
}

/// <summary>Adds a reader. Its SUBSCRIBE_OK is queued before this is posted .</summary>
internal sealed class SubscribeStreamCommand(StreamSubscription subscription) : StreamCommand
{
    public override void Apply(StreamPartition partition) => partition.Subscribe(subscription);
}

/// <summary>Ends a reader. Its cursor stays.</summary>
internal sealed class UnsubscribeStreamCommand(StreamSubscription subscription) : StreamCommand
{
    public override void Apply(StreamPartition partition) => partition.Unsubscribe(subscription);
}

/// <summary>A question to a partition, answered on its loop: with what it says, or with the reason why it serves nobody.</summary>
internal sealed class StreamQuery<T>(Func<StreamPartition, T> question) : StreamCommand
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Apply(StreamPartition partition)
    {
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
            // It has changed nothing, so it is its asker's to hear, and nobody else's.
            _answer.SetException(failure);
        }
    }
}
