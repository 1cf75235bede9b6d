using Fibril.Client.Connection;

namespace Fibril.Client.Consuming;

/// <summary>The one reader of a queue of deliveries.</summary>
internal sealed class DeliveryReader(
    DeliveryQueue deliveries, ClientContext context, Action onStop, CancellationToken cancellationToken) : IAsyncEnumerator<ReceivedMessage>
{
    private bool _hasStopped;

    public ReceivedMessage Current => deliveries.Current!;

    public ValueTask<bool> MoveNextAsync() =>
        context.Telemetry.IsEnabled ? MoveNextReportedAsync() : deliveries.MoveNextAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        if (!_hasStopped) onStop();
        _hasStopped = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask<bool> MoveNextReportedAsync()
    {
        (long askedAt, DateTimeOffset askedAtUtc) = (context.Time.GetTimestamp(), context.Time.GetUtcNow());
        if (!await deliveries.MoveNextAsync(cancellationToken).ConfigureAwait(false)) return false;
        context.Telemetry.Received(Current, context.Time, askedAt, askedAtUtc);
        return true;
    }
}
