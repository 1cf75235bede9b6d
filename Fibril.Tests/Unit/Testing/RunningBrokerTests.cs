using System.Net;
using System.Net.Sockets;
using Fibril.Testing;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fibril.Tests.Unit.Testing;

/// <summary>The port of a test broker, which is anybody's while the broker is down.</summary>
public sealed class RunningBrokerTests
{
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
