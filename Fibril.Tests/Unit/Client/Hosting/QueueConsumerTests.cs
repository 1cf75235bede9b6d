using System.Text;
using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Testing;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Fibril.Tests.Unit.Client.Hosting;

public sealed class QueueConsumerTests : IAsyncLifetime
{
    private FibrilTestBroker _broker = null!;
    private FibrilClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await FibrilTestBroker.StartAsync(static options =>
        {
            options.ReconnectGrace = TimeSpan.Zero; // who closes is gone
            options.LeaseDuration = TimeSpan.FromDays(1);
        });
        _client = await _broker.ConnectAsync();
        await _client.DeclareQueueAsync("orders");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_message_whose_handler_succeeds_is_completed()
    {
        await PublishAsync("one");
        await using ConsumerHost host = await StartAsync();
        Assert.Equal("one", (await host.Script.NextAsync()).GetText());
        await WhenCountIsAsync(0);
    }

    [Fact]
    public async Task Every_message_has_a_scope_which_is_disposed_before_it_is_completed()
    {
        await PublishAsync("one", "two");
        await using ConsumerHost host = await StartAsync();
        (_, ScopedThing first) = await host.Script.NextInScopeAsync();
        (_, ScopedThing second) = await host.Script.NextInScopeAsync();
        Assert.NotSame(first, second);
        await WhenCountIsAsync(0);
        Assert.True(first.Disposed.IsCompleted && second.Disposed.IsCompleted);
    }

    [Fact]
    public async Task A_message_whose_handler_fails_is_retried()
    {
        await PublishAsync("one");
        await using ConsumerHost host = await StartAsync(
            static options => options.RetryDelay = TimeSpan.Zero,
            static (message, _) => message.Retries == 0 ? throw new TimeoutException("too slow") : Task.CompletedTask);
        Assert.Equal(0, (await host.Script.NextAsync()).Retries);
        Assert.Equal(1, (await host.Script.NextAsync()).Retries);
        await WhenCountIsAsync(0);
    }

    [Fact]
    public async Task A_retry_waits_for_its_delay_at_the_broker()
    {
        await PublishAsync("one");
        await using ConsumerHost host = await StartAsync(
            static options => options.RetryDelay = TimeSpan.FromHours(1),
            static (message, _) => message.Retries == 0 ? throw new TimeoutException("too slow") : Task.CompletedTask);
        Assert.Equal(0, (await host.Script.NextAsync()).Retries);
        Task<ReceivedMessage> again = host.Script.NextAsync();
        for (int hour = 0; hour < 2 && !again.IsCompleted; hour++) await _broker.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(1, (await again).Retries);
    }

    [Fact]
    public async Task A_payload_that_cannot_be_read_fails_for_good_at_once()
    {
        await PublishAsync("no number");
        await using ConsumerHost host = await StartAsync(handle: static (message, _) => Task.FromResult(message.DeserializeJson<int>()));
        await host.Script.NextAsync();
        await WhenCountIsAsync(0);
        Assert.False(host.Script.HasMore);
    }

    [Fact]
    public async Task The_application_can_decide_what_becomes_of_a_failure()
    {
        await PublishAsync("one");
        await using ConsumerHost host = await StartAsync(
            static options => options.OnFailure = static (_, retries, failure) => failure is TimeoutException && retries < 2
                ? FailureAction.Retry(TimeSpan.Zero)
                : FailureAction.Fail,
            static (_, _) => throw new TimeoutException("too slow"));
        for (int retries = 0; retries <= 2; retries++) Assert.Equal(retries, (await host.Script.NextAsync()).Retries);
        await WhenCountIsAsync(0);
        Assert.False(host.Script.HasMore);
    }

    [Fact]
    public async Task What_the_handler_settled_is_left_alone()
    {
        await PublishAsync("one");
        await using ConsumerHost host = await StartAsync(handle: static async (message, cancellation) =>
        {
            if (message.Retries == 0) await message.RetryAsync(cancellation);
        });
        await host.Script.NextAsync();
        Assert.Equal(1, (await host.Script.NextAsync()).Retries);
        await PublishAsync("two");
        await host.Script.NextAsync();
        await WhenCountIsAsync(0);
    }

    [Fact]
    public async Task As_many_messages_are_handled_at_a_time_as_the_application_allows()
    {
        var both = new TaskCompletionSource();
        int running = 0;
        await PublishAsync("one", "two");
        await using ConsumerHost host = await StartAsync(static options => options.Concurrency = 2, (_, _) =>
        {
            if (Interlocked.Increment(ref running) == 2) both.SetResult();
            return Patience.Wait(both.Task);
        });
        await WhenCountIsAsync(0);
    }

    [Fact]
    public async Task One_message_is_handled_at_a_time_unless_more_are_allowed()
    {
        int running = 0;
        int most = 0;
        await PublishAsync([.. Enumerable.Range(0, 20).Select(static number => $"{number}")]);
        await using ConsumerHost host = await StartAsync(handle: async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        });
        await WhenCountIsAsync(0);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Stopping_finishes_what_is_being_handled_and_gives_the_rest_back()
    {
        var finish = new TaskCompletionSource();
        await PublishAsync("one", "two");
        ConsumerHost host = await StartAsync(handle: (_, _) => finish.Task);
        await host.Script.NextAsync();
        Task stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        finish.SetResult();
        await Patience.Wait(stopping);
        await WhenCountIsAsync(1);
        Assert.False(host.Script.HasMore);

        await using Subscription others = await _client.SubscribeAsync("orders"); // no lease has to run out first
        await using IAsyncEnumerator<ReceivedMessage> messages = others.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        Assert.Equal("two", messages.Current.GetText());
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_host_that_loses_patience_cancels_handlers_whose_messages_come_again()
    {
        await PublishAsync("one");
        var cancelled = new TaskCompletionSource();
        ConsumerHost host = await StartAsync(handle: async (_, cancellation) =>
        {
            await using CancellationTokenRegistration registration = cancellation.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, cancellation);
        });
        await host.Script.NextAsync();
        using var patience = new CancellationTokenSource();
        Task stopping = host.StopConsumerAsync(patience.Token);
        await patience.CancelAsync();
        await Patience.Wait(stopping);
        await Patience.Wait(cancelled.Task);
        await host.DisposeAsync();
        Assert.Equal(1, await _broker.CountMessagesAsync("orders"));
        await using Subscription others = await _client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = others.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        Assert.Equal(0, messages.Current.Retries); // giving up is no failure of the message
    }

    [Fact]
    public async Task A_consumer_survives_its_broker()
    {
        await using ConsumerHost host = await StartAsync();
        await PublishAsync("one");
        await host.Script.NextAsync();
        await WhenCountIsAsync(0);
        await _broker.RestartAsync();
        await PublishAsync("two");
        while ((await host.Script.NextAsync()).GetText() != "two")
        {
            // The completion of the first may have been lost with the broker.
        }
    }

    [Fact]
    public void Its_options_come_with_a_lease_that_is_renewed_and_a_prefetch_that_fits()
    {
        SubscribeOptions options = new FibrilConsumerOptions { Concurrency = 3, RenewLimit = TimeSpan.FromHours(1) }.ToSubscribeOptions();
        Assert.Equal((true, TimeSpan.FromHours(1), 6), (options.AutoRenew, options.AutoRenewLimit, options.Prefetch));
    }

    [Theory]
    [InlineData(0, 1, "Fibril:Consumers:orders: Concurrency is 0; use 1 to 1024.")]
    [InlineData(1, -1, "Fibril:Consumers:orders: RetryDelay is -00:00:01; use 00:00:00 to 1.00:00:00.")]
    public async Task An_option_that_makes_no_sense_fails_the_start(int concurrency, int retrySeconds, string message)
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => StartAsync(options =>
        {
            options.Concurrency = concurrency;
            options.RetryDelay = TimeSpan.FromSeconds(retrySeconds);
        }));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_topic_that_is_no_name_is_refused_when_it_is_registered() =>
        Assert.Throws<ArgumentException>(static () => new ServiceCollection().AddFibrilConsumer<ScriptedConsumer>("No Name"));

    [Fact]
    public async Task The_delay_doubles_up_to_its_limit()
    {
        await PublishAsync("one");
        await using Subscription orders = await _client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = orders.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        var options = new FibrilConsumerOptions { RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(5) };
        int[] retried = [0, 1, 2, 3, 1000];
        double?[] delays = [.. retried.Select(
            retries => options.Decide(messages.Current, retries, new TimeoutException()).RetryAfter?.TotalSeconds)];
        Assert.Equal([1, 2, 4, 5, 5], delays);
    }

    /// <summary>Each of them is stored once, also when the broker has just been restarted and the client does not know it yet.</summary>
    private async Task PublishAsync(params string[] texts)
    {
        ReliablePublisher publisher = _client.CreateReliablePublisher("orders");
        foreach (string text in texts) await publisher.PublishAsync(Encoding.UTF8.GetBytes(text));
    }

    private Task<ConsumerHost> StartAsync(
        Action<FibrilConsumerOptions>? configure = null, Func<ReceivedMessage, CancellationToken, Task>? handle = null) =>
        ConsumerHost.StartAsync(_broker.Port, services => services.AddFibrilConsumer<ScriptedConsumer>("orders", configure), handle);

    private Task WhenCountIsAsync(long count) => Patience.Until(async () => await _broker.CountMessagesAsync("orders") == count);
}
