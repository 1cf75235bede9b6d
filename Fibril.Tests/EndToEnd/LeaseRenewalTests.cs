using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>L-19 against a real broker with short leases.</summary>
public sealed class LeaseRenewalTests : IAsyncLifetime
{
    private const string Topic = "slow-work";
    private const int LeaseMs = 2000;

    private static readonly TimeSpan ThreeLeases = TimeSpan.FromMilliseconds(3 * LeaseMs);

    private readonly TemporaryDirectory _directory = new();
    private BrokerProcess? _broker;

    public async ValueTask InitializeAsync()
    {
        string config = _directory.PathOf("fibril.toml");
        await File.WriteAllTextAsync(config, $"[runtime_seed.delivery]\ninflight_ttl_ms = {LeaseMs}\n");
        _broker = await BrokerProcess.StartAsync(_directory.PathOf("data"), "--config", config);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_handler_that_takes_three_leases_keeps_its_message_and_those_behind_it()
    {
        await using FibrilClient slow = await _broker!.ConnectAsync();
        await using FibrilClient other = await _broker.ConnectAsync();
        await PublishAsync(slow, "first", "second");
        await using Subscription working = await slow.SubscribeAsync(Topic, new SubscribeOptions { AutoRenew = true });
        await using IAsyncEnumerator<ReceivedMessage> reader = working.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        ReceivedMessage first = await NextAsync(reader);
        await using Subscription waiting = await other.SubscribeAsync(Topic);
        await using IAsyncEnumerator<ReceivedMessage> others = waiting.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Task<ReceivedMessage> stolen = NextAsync(others);

        await Task.Delay(ThreeLeases, TestContext.Current.CancellationToken);
        Assert.False(stolen.IsCompleted, "The message was given to another consumer while it was being worked on.");
        await first.CompleteAsync(TestContext.Current.CancellationToken);
        ReceivedMessage second = await NextAsync(reader);
        Assert.Equal(("second", 0), (second.GetText(), second.Retries));
        await second.CompleteAsync(TestContext.Current.CancellationToken);

        // What was completed does not come again; what is published next does.
        await slow.PingAsync(TestContext.Current.CancellationToken);
        await slow.DisposeAsync();
        await PublishAsync(other, "third");
        Assert.Equal("third", (await stolen).GetText());
    }

    [Fact] // M-11
    public async Task Without_renewal_the_message_goes_to_someone_else()
    {
        await using FibrilClient slow = await _broker!.ConnectAsync();
        await using FibrilClient other = await _broker.ConnectAsync();
        await PublishAsync(slow, "first");
        await using Subscription working = await slow.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 1 });
        await using IAsyncEnumerator<ReceivedMessage> reader = working.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        ReceivedMessage first = await NextAsync(reader);
        await using Subscription waiting = await other.SubscribeAsync(Topic);
        await using IAsyncEnumerator<ReceivedMessage> others = waiting.GetAsyncEnumerator(TestContext.Current.CancellationToken);

        // Whoever of the two gets it: it is given out again, while the first is still at it.
        Task<ReceivedMessage>[] again = [NextAsync(reader), NextAsync(others)];
        ReceivedMessage second = await await Task.WhenAny(again);
        Assert.Equal(first.Offset, second.Offset);
        Assert.Equal(LeaseRenewalOutcome.Lost, (await first.RenewAsync(TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task A_handler_can_ask_for_more_time_itself()
    {
        await using FibrilClient client = await _broker!.ConnectAsync();
        await PublishAsync(client, "first");
        await using Subscription subscription = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 2 });
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        ReceivedMessage first = await NextAsync(reader);
        Task<ReceivedMessage> next = NextAsync(reader);
        DateTimeOffset end = DateTimeOffset.UtcNow + ThreeLeases;
        while (DateTimeOffset.UtcNow < end)
        {
            LeaseRenewal renewal = await first.RenewAsync(TestContext.Current.CancellationToken);
            Assert.Equal(LeaseRenewalOutcome.Renewed, renewal.Outcome);
            Assert.InRange(renewal.RenewedUntil!.Value - DateTimeOffset.UtcNow, TimeSpan.Zero, TimeSpan.FromMilliseconds(LeaseMs));
            await Task.Delay(LeaseMs / 3, TestContext.Current.CancellationToken);
        }

        Assert.False(next.IsCompleted, "The message came again.");
        Assert.Equal(first.Offset, (await next).Offset); // nobody renews it any more
    }

    private static async Task PublishAsync(FibrilClient client, params string[] texts)
    {
        foreach (string text in texts) await client.CreatePublisher(Topic).PublishAsync(text, MessageSerializer.Text);
    }

    private static async Task<ReceivedMessage> NextAsync(IAsyncEnumerator<ReceivedMessage> reader) =>
        await Patience.Wait(reader.MoveNextAsync()) ? reader.Current : throw new InvalidOperationException("The subscription has ended.");
}
