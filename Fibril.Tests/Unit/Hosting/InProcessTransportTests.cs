using System.IO.Pipelines;
using System.Text;
using Fibril.Broker.Hosting.Dashboard;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>Connections of the pages to the admin API of their own process.</summary>
public sealed class InProcessTransportTests
{
    private readonly InProcessTransport _transport = new();

    [Fact]
    public async Task What_one_side_writes_the_other_reads()
    {
        (Stream client, ConnectionContext server) = await ConnectAsync();

        await client.WriteAsync("ping"u8.ToArray(), TestContext.Current.CancellationToken);
        ReadResult asked = await server.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        await server.Transport.Output.WriteAsync("pong"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] answer = new byte[4];
        await client.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);

        Assert.Equal(("ping", "pong"), (Encoding.ASCII.GetString(asked.Buffer.FirstSpan), Encoding.ASCII.GetString(answer)));
        Assert.NotNull(server.Features.Get<InProcessCall>());
    }

    [Fact]
    public async Task A_client_that_goes_is_seen_to_go()
    {
        (Stream client, ConnectionContext server) = await ConnectAsync();

        await client.DisposeAsync();

        Assert.True((await Patience.Wait(server.Transport.Input.ReadAsync(TestContext.Current.CancellationToken))).IsCompleted);
        await Patience.Until(() => server.ConnectionClosed.IsCancellationRequested);
    }

    [Fact] // the HTTP client gives a request up by disposing of its connection
    public async Task Whoever_waits_for_an_answer_is_let_go_when_the_connection_is_disposed_of()
    {
        (Stream client, _) = await ConnectAsync();
        Task<int> waiting = client.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();

        await client.DisposeAsync();

        await Patience.Wait(waiting.ContinueWith(static _ => { }, TestContext.Current.CancellationToken));
        Assert.False(waiting.IsCompletedSuccessfully);
    }

    [Fact] // the framework's context would end the process here, from a pool thread
    public async Task A_connection_may_be_aborted_after_it_was_disposed_of()
    {
        (Stream client, ConnectionContext server) = await ConnectAsync();

        await server.DisposeAsync();
        server.Abort(new ConnectionAbortedException());
        await client.DisposeAsync();
        server.Abort(new ConnectionAbortedException());

        await Patience.Until(() => server.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task Nobody_connects_to_a_server_that_has_stopped()
    {
        IConnectionListener listener = await _transport.BindAsync(new InProcessEndPoint(), TestContext.Current.CancellationToken);
        await listener.UnbindAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<HttpRequestException>(async () => await _transport.ConnectAsync(TestContext.Current.CancellationToken));
        Assert.Null(await listener.AcceptAsync(TestContext.Current.CancellationToken));
    }

    private async Task<(Stream Client, ConnectionContext Server)> ConnectAsync()
    {
        IConnectionListener listener = await _transport.BindAsync(new InProcessEndPoint(), TestContext.Current.CancellationToken);
        Stream client = await _transport.ConnectAsync(TestContext.Current.CancellationToken);
        return (client, (await Patience.Wait(listener.AcceptAsync(TestContext.Current.CancellationToken)))!);
    }
}
