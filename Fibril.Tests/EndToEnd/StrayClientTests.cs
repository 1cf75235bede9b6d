using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>Who comes to the broker port and is no Fibril client, over real sockets; and one client that sends too much.</summary>
public sealed class StrayClientTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private BrokerProcess _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await BrokerProcess.StartAsync(_directory.PathOf("data"));

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact] // F-19
    public async Task Strangers_are_told_what_they_met_and_clients_are_served_on()
    {
        await AnHttpRequestIsToldAboutThePortsAsync();
        await ATlsClientIsDroppedWithoutAByteAsync();
        await ARealTlsHandshakeFailsAsync();
        await TheErrorForAnOversizedFrameArrivesAsync();

        using TcpPeer good = await TcpPeer.LogInAsync(_broker.Clients);
        Assert.Equal(0UL, await good.PublishAsync(new TestPublish()));
    }

    /// <summary>6.4: the frame names the two ports, and the connection ends behind it.</summary>
    private async Task AnHttpRequestIsToldAboutThePortsAsync()
    {
        using TcpPeer peer = await TcpPeer.ConnectAsync(_broker.Clients);
        await peer.SendAsync("GET /healthz HTTP/1.1\r\nHost: localhost:9876\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n\r\n"u8.ToArray());
        ReceivedFrame? frame = await peer.ReadAsync();
        Assert.Equal(OpCode.Error, frame?.OpCode);
        ErrorMessage error = frame!.ReadError();
        Assert.Equal(ErrorCode.Invalid, error.Code);
        Assert.Contains("9876", error.Message, StringComparison.Ordinal);
        Assert.Contains("8081", error.Message, StringComparison.Ordinal);
        Assert.Null(await peer.ReadAsync());
    }

    /// <summary>TLS-2: nothing is sent to who speaks TLS, and the operator is told.</summary>
    private async Task ATlsClientIsDroppedWithoutAByteAsync()
    {
        using TcpPeer peer = await TcpPeer.ConnectAsync(_broker.Clients);
        await peer.SendAsync(Hex.Bytes("16030100c8010000c40303" + new string('0', 200)));
        try
        {
            Assert.Null(await peer.ReadAsync());
        }
        catch (IOException reset) when (reset.InnerException is SocketException)
        {
            // Unread bytes make the close a reset.
        }

        await _broker.WaitForLineAsync("speaks TLS to this plaintext listener");
    }

    private async Task ARealTlsHandshakeFailsAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_broker.Clients, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(client.GetStream());
        await Assert.ThrowsAnyAsync<IOException>(() => Patience.Wait(tls.AuthenticateAsClientAsync("localhost")));
    }

    /// <summary>CLS-1: a reset by unread input must not overtake the error that explains it.</summary>
    private async Task TheErrorForAnOversizedFrameArrivesAsync()
    {
        for (int round = 0; round < 5; round++)
        {
            using TcpPeer peer = await TcpPeer.LogInAsync(_broker.Clients);
            var flood = new byte[FrameHeader.Size + (512 << 10)];
            new FrameHeader(100 << 20, OpCode.Publish, 9).Write(flood);
            await peer.SendAsync(flood);
            ErrorMessage error = await peer.ExpectAsync<ErrorMessage>(9);
            Assert.Equal(ErrorCode.Invalid, error.Code);
            Assert.Null(await peer.ReadAsync());
        }
    }
}
