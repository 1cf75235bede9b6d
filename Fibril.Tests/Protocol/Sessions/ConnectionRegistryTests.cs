using System.Net;
using Fibril.Broker.Sessions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Who gets in when connections come, and the broker stops, at the same moment.</summary>
public sealed class ConnectionRegistryTests
{
    [Fact]
    public async Task Of_two_that_come_at_once_for_the_last_place_one_gets_it()
    {
        await using var broker = new SessionHarness();
        using var registry = new ConnectionRegistry(new SessionOptions { MaxConnections = 1 }, broker.Time);
        using var together = new Barrier(2);
        var admitted = new int[TestScale.Iterations(2000)];

        void Come()
        {
            ClientConnection connection = NewConnection(broker);
            for (int round = 0; round < admitted.Length; round++)
            {
                together.SignalAndWait();
                bool isIn = registry.TryAdd(connection);
                if (isIn) Interlocked.Increment(ref admitted[round]);
                together.SignalAndWait();
                if (isIn) registry.Remove(connection);
            }
        }

        await Patience.Wait(Task.WhenAll(OnItsOwnThread(Come), OnItsOwnThread(Come)));
        Assert.All(admitted, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_connection_that_was_turned_away()
    {
        await using var broker = new SessionHarness();
        for (int round = 0; round < TestScale.Iterations(500); round++)
        {
            using var registry = new ConnectionRegistry(new SessionOptions(), broker.Time);
            using var together = new Barrier(2);
            bool isIn = true;
            Task coming = OnItsOwnThread(() =>
            {
                ClientConnection connection = NewConnection(broker);
                together.SignalAndWait();
                isIn = registry.TryAdd(connection);
            });
            together.SignalAndWait(TestContext.Current.CancellationToken);
            Task stopped = registry.BeginStopAsync();
            await coming;

            // One that got in would be waited for until it has run, which nothing here does.
            if (!isIn) Assert.True(stopped.IsCompletedSuccessfully, "The stop waits for a connection that never ran.");
        }
    }

    private static ClientConnection NewConnection(SessionHarness broker) =>
        new(broker.Environment, new PipeConnection(new IPEndPoint(IPAddress.Loopback, 50_000), receiveBlockBytes: null), Task.CompletedTask);

    private static Task OnItsOwnThread(Action act) =>
        Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
