using System.Net;
using System.Net.Sockets;
using Fibril.Broker.Hosting;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Testing.Disk;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fibril.Tests.Unit.Testing;

/// <summary>Runs of a test broker share its clock and its port, which outlive them; while the broker is down its port is anybody's.</summary>
public sealed class RunningBrokerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_over_leaves_nothing_on_the_clock(bool crashes)
    {
        var time = new CountingTimeProvider();
        var disk = new MemoryDisk();
        var options = new BrokerOptions { DataDirectory = Path.Combine(Path.DirectorySeparatorChar.ToString(), "data") };
        options.Log.PreallocateBytes = 0;
        options.Log.ReserveBytes = 0;
        RunningBroker broker = await RunningBroker.StartAsync(options, disk, new IdleWatch(), time, port: 0, NullLoggerFactory.Instance);
        await using (FibrilClient client = await FibrilClient.ConnectAsync(new FibrilClientOptions { Host = "127.0.0.1", Port = broker.Port }))
        {
            await client.CreatePublisher("orders").PublishAsync("one"u8.ToArray());
            await client.SubscribeAsync("orders"); // whose session waits for the client when that is gone
            Assert.NotEqual(0, time.TimerCount);
            if (crashes)
            {
                disk.Crash(CrashKind.PowerLoss);
                await broker.CrashAsync();
            }
            else
            {
                await broker.StopAsync();
            }
        }

        await Patience.Until(() => time.TimerCount == 0);
    }

    [Fact]
    public async Task A_port_that_somebody_has_for_a_moment_is_waited_for()
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Task<IConnectionListener> binding = RunningBroker.BindAsync(
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), port);
        Assert.False(binding.IsCompleted);
        taken.Stop();
        await using IConnectionListener listener = await Patience.Wait(binding);
        Assert.Equal(port, ((IPEndPoint)listener.EndPoint).Port);
    }
}
