namespace Fibril.Client.Consuming;

/// <summary>The one reader of a queue of deliveries.</summary>
internal sealed class DeliveryReader(DeliveryQueue deliveries, Action onStop, CancellationToken cancellationToken) : IAsyncEnumerator<ReceivedMessage>
{
    private bool _hasStopped;

    public ReceivedMessage Current => deliveries.Current!;

    public ValueTask<bool> MoveNextAsync() => deliveries.MoveNextAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        if (!_hasStopped) onStop();
        _hasStopped = true;
        return ValueTask.CompletedTask;
    }
}
