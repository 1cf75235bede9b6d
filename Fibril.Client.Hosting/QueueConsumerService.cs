using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Hosting;

/// <summary>Runs a consumer on the messages of a queue: several at a time, retried by the broker.</summary>
internal sealed class QueueConsumerService<T>(
    FibrilClient client, string topic, FibrilConsumerOptions options, IServiceScopeFactory scopes, TimeProvider time, ILogger logger)
    : ConsumerService<T>($"queue '{topic}'", options, scopes, time, logger)
    where T : class, IFibrilConsumer
{
    protected override int Concurrency => options.Concurrency;

    protected override Task<Subscription> SubscribeAsync(CancellationToken cancellationToken) =>
        client.SubscribeAsync(topic, options.ToSubscribeOptions(), cancellationToken);

    protected override async Task<bool> GiveBackAsync(ReceivedMessage message, FailureAction action)
    {
        if (action.RetryAfter is not { } delay) await message.FailAsync().ConfigureAwait(false);
        else if (delay == TimeSpan.Zero) await message.RetryAsync().ConfigureAwait(false);
        else await message.RetryAfterAsync(delay).ConfigureAwait(false);
        return false;
    }
}
