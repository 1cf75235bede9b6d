using Fibril.Broker.Hosting.Dashboard;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Tests.Unit.Hosting;

public sealed class InProcessTransportTests
{
    [Fact]
    public async Task Connections_that_are_aborted_and_disposed_of_at_once_do_not_end_the_process()
    {
        var transport = new InProcessTransport();
        await using IConnectionListener listener = await transport.BindAsync(new InProcessEndPoint());
        for (int i = 0; i < 2000; i++)
        {
            await using Stream client = await transport.ConnectAsync(CancellationToken.None);
            ConnectionContext server = (await Patience.Wait(listener.AcceptAsync().AsTask()))!;
            server.Abort(new ConnectionAbortedException("as the web server does when a page goes away"));
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_sees_the_end_when_the_server_completes_its_side()
    {
        var transport = new InProcessTransport();
        await using IConnectionListener listener = await transport.BindAsync(new InProcessEndPoint());
        await using Stream client = await transport.ConnectAsync(CancellationToken.None);
        ConnectionContext server = (await Patience.Wait(listener.AcceptAsync().AsTask()))!;
        server.Abort();
        await server.Transport.Output.CompleteAsync();
        Assert.Equal(0, await Patience.Wait(client.ReadAsync(new byte[1]).AsTask()));
    }
}
