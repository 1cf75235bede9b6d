using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Hosting;

// Stopping has two steps. First no more messages are taken, and what is being handled is finished and settled; the subscription stays open
// for that. When the host's patience is over, handlers are cancelled and their messages stay unsettled: the broker gives them to someone else.

/// <summary>Runs a consumer on the messages of one subscription for as long as the host runs.</summary>
internal abstract class ConsumerService<T>(
    string channel, ConsumerOptions options, IServiceScopeFactory scopes, TimeProvider time, ILogger logger) : BackgroundService
    where T : class, IFibrilConsumer
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _aborting = new();
    private CancellationToken _stopping;
    private int _running;

    protected TimeProvider Time => time;

    /// <summary>Cancelled when no more messages are to be taken.</summary>
    protected CancellationToken Stopping => _stopping;

    private CancellationToken Aborting => _aborting.Token;

    /// <summary>Most messages that are handled at a time.</summary>
    protected abstract int Concurrency { get; }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (ExecuteTask is null or { IsCompleted: true }) return;
        logger.HandlersCancelled(channel, Volatile.Read(ref _running));
        await _aborting.CancelAsync().ConfigureAwait(false);
    }

    public override void Dispose()
    {
        base.Dispose();
        _aborting.Dispose();
    }

    /// <summary>Begins to receive.</summary>
    protected abstract Task<Subscription> SubscribeAsync(CancellationToken cancellationToken);

    /// <summary>Does what was decided about a message whose handler failed.</summary>
    /// <returns>True when it is to be handled again, here and now.</returns>
    protected abstract Task<bool> GiveBackAsync(ReceivedMessage message, FailureAction action);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        TimeSpan pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Subscription subscription = await SubscribeAsync(stoppingToken).ConfigureAwait(false);
                await using ConfiguredAsyncDisposable closing = ((IAsyncDisposable)subscription).ConfigureAwait(false);
                logger.Consuming(channel, typeof(T));
                pause = FirstPause;
                await HandleAllAsync(subscription, stoppingToken).ConfigureAwait(false);
                return;
            }
            catch (FibrilException failure) when (failure.IsTransient)
            {
                logger.ConsumerInterrupted(channel, pause, failure.Message);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private Task HandleAllAsync(Subscription subscription, CancellationToken stopping) => Parallel.ForEachAsync(
        TakeAsync(subscription, stopping),
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
        async (message, _) => await HandleAsync(message).ConfigureAwait(false));

    /// <summary>The messages up to the moment of stopping, after which those that were taken are finished.</summary>
    private static async IAsyncEnumerable<ReceivedMessage> TakeAsync(
        Subscription subscription, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator(either.Token);
        await using ConfiguredAsyncDisposable closing = messages.ConfigureAwait(false);
        while (await TryMoveNextAsync(messages, stopping).ConfigureAwait(false)) yield return messages.Current;
    }

    private static async ValueTask<bool> TryMoveNextAsync(IAsyncEnumerator<ReceivedMessage> messages, CancellationToken stopping)
    {
        try
        {
            return await messages.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task HandleAsync(ReceivedMessage message)
    {
        Interlocked.Increment(ref _running);
        try
        {
            for (int retries = message.Retries; await TryHandleAsync(message, retries).ConfigureAwait(false); retries++)
            {
                // Once more: the broker does not bring it again by itself.
            }
        }
        catch (FibrilException notSettled)
        {
            logger.NotSettled(message.ToString(), notSettled.Message); // it comes again
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            logger.HandlerAborted(message.ToString());
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Handles a message and settles it; true when it is to be handled once more.</summary>
    private async Task<bool> TryHandleAsync(ReceivedMessage message, int retries)
    {
        using MessageProcessing? processing = message.BeginProcessing();
        try
        {
            await RunConsumerAsync(message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Aborting.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            processing?.Fail(failure);
            FailureAction action = options.Decide(message, retries, failure);
            if (action.RetryAfter is { } delay) logger.ConsumerFailed(failure, message.ToString(), retries, delay);
            else logger.ConsumerGaveUp(failure, message.ToString(), retries);
            return !message.IsSettled && await GiveBackAsync(message, action).ConfigureAwait(false);
        }

        if (!message.IsSettled) await message.CompleteAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>Completes when the scope is disposed: what the consumer wrote is written then.</summary>
    private async Task RunConsumerAsync(ReceivedMessage message)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        await using ConfiguredAsyncDisposable closing = scope.ConfigureAwait(false);
        await scope.ServiceProvider.GetRequiredService<T>().ConsumeAsync(message, Aborting).ConfigureAwait(false);
    }
}
