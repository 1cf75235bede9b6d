using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Testing;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Fibril.Tests.Unit.Client.Hosting;

public sealed class StreamConsumerTests : IAsyncLifetime
{
    private FibrilTestBroker _broker = null!;
    private FibrilClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await FibrilTestBroker.StartAsync();
        _client = await _broker.ConnectAsync();
        await _client.DeclareStreamAsync("audit");
        foreach (string text in (string[])["one", "two", "three"]) await _client.CreatePublisher("audit").PublishAsync(text, MessageSerializer.Text);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Records_are_handled_in_order_and_a_later_host_goes_on_behind_them()
    {
        var finish = new TaskCompletionSource();
        await using (ConsumerHost host = await StartAsync(handle: async (record, _) =>
        {
            if (record.GetText() == "two") await Patience.Wait(finish.Task);
        }))
        {
            Assert.Equal("one", (await host.Script.NextAsync()).GetText());
            Assert.Equal("two", (await host.Script.NextAsync()).GetText());
            Task stopping = host.StopAsync();
            finish.SetResult();
            await Patience.Wait(stopping);
        }

        await using ConsumerHost later = await StartAsync();
        Assert.Equal("three", (await later.Script.NextAsync()).GetText());
    }

    [Fact]
    public async Task A_record_whose_handler_fails_is_tried_again_before_those_behind_it()
    {
        int failures = 0;
        await using ConsumerHost host = await StartAsync(
            static options => options.RetryDelay = TimeSpan.Zero,
            (record, _) => record.GetText() == "one" && Interlocked.Increment(ref failures) <= 2 ? throw new TimeoutException("too slow") : Task.CompletedTask);
        foreach (string text in (string[])["one", "one", "one", "two", "three"]) Assert.Equal(text, (await host.Script.NextAsync()).GetText());
    }

    [Fact]
    public async Task A_slow_handler_gets_every_record_though_the_broker_does_not_wait_for_it()
    {
        for (int number = 0; number < 100; number++) await _client.CreatePublisher("audit").PublishAsync($"{number}", MessageSerializer.Text);
        var begin = new TaskCompletionSource();
        await using ConsumerHost host = await StartAsync(static options => options.Prefetch = 1, (_, _) => Patience.Wait(begin.Task));
        Assert.Equal(0, (await host.Script.NextAsync()).Offset);
        begin.SetResult();
        for (int offset = 1; offset < 103; offset++) Assert.Equal(offset, (await host.Script.NextAsync()).Offset);
    }

    [Fact]
    public async Task A_record_that_failed_for_good_is_passed_over()
    {
        await using ConsumerHost host = await StartAsync(
            static options => options.OnFailure = static (_, _, _) => FailureAction.Fail,
            static (_, _) => throw new TimeoutException("too slow"));
        foreach (string text in (string[])["one", "two", "three"]) Assert.Equal(text, (await host.Script.NextAsync()).GetText());
    }

    [Fact]
    public async Task A_host_stops_while_a_record_waits_for_its_next_attempt()
    {
        await using (ConsumerHost host = await StartAsync(
            static options => options.RetryDelay = TimeSpan.FromHours(1), static (_, _) => throw new TimeoutException("too slow")))
        {
            await host.Script.NextAsync();
        }

        await using ConsumerHost later = await StartAsync();
        Assert.Equal("one", (await later.Script.NextAsync()).GetText());
    }

    [Fact]
    public async Task A_consumer_without_a_place_does_not_start()
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync(static options => options.DurableName = null));
        Assert.StartsWith("Fibril:Consumers:audit: DurableName is empty", failure.Message, StringComparison.Ordinal);
    }

    private Task<ConsumerHost> StartAsync(
        Action<FibrilStreamConsumerOptions>? configure = null, Func<ReceivedMessage, CancellationToken, Task>? handle = null) =>
        ConsumerHost.StartAsync(
            _broker.Port,
            services => services.AddFibrilStreamConsumer<ScriptedConsumer>("audit", options =>
            {
                options.DurableName = "billing";
                configure?.Invoke(options);
            }),
            handle);
}
