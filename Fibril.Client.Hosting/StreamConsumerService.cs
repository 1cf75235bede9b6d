using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Hosting;

/// <summary>
/// Runs a consumer on the records of a stream, one after the other: completing a record completes all before it. A stream has no retries, so a
/// record that failed is tried again here, and what is behind it waits.
/// </summary>
internal sealed class StreamConsumerService<T>(
    FibrilClient client, string topic, FibrilStreamConsumerOptions options, IServiceScopeFactory scopes, TimeProvider time, ILogger logger)
    : ConsumerService<T>($"stream '{topic}'", options, scopes, time, logger)
    where T : class, IFibrilConsumer
{
    protected override int Concurrency => 1;

    protected override Task<Subscription> SubscribeAsync(CancellationToken cancellationToken) =>
        client.SubscribeStreamAsync(topic, options.ToSubscribeOptions(), cancellationToken);

    protected override async Task<bool> GiveBackAsync(ReceivedMessage message, FailureAction action)
    {
        if (action.RetryAfter is { } delay)
        {
            await Task.Delay(delay, Time, Stopping).ConfigureAwait(false);
            return true;
        }

        await message.CompleteAsync().ConfigureAwait(false);
        return false;
    }
}
