using System.IO.Pipelines;
using System.Net;
using System.Text;
using Fibril.Broker.Security.Tls;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Security;

/// <summary>Plain HTTP where HTTPS is spoken: A-29.</summary>
public sealed class PlainHttpAnswerTests : IAsyncDisposable
{
    private readonly PipeConnection _connection = new(new IPEndPoint(IPAddress.Loopback, 50_000), receiveBlockBytes: null);
    private bool _isPassedOn;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Theory] // whoever looks for open ports does that
    [InlineData("")]
    [InlineData("GET /")]
    public async Task A_connection_that_is_reset_is_no_fault(string sent)
    {
        Task handling = HandleAsync();
        await _connection.SendAsync(Encoding.Latin1.GetBytes(sent));
        _connection.CloseByPeer(new ConnectionResetException("reset"));
        await Patience.Wait(handling);
        Assert.False(_isPassedOn);
    }

    [Fact]
    public async Task A_head_may_come_in_pieces_of_any_size()
    {
        Task handling = HandleAsync();
        foreach (byte one in "GET /a HTTP/1.1\r\nHost: h:1\r\n\r\n"u8.ToArray())
        {
            await _connection.SendAsync((byte[])[one]);
            await Patience.Until(() => _connection.IsReadByBroker);
        }

        ReadResult answer = await _connection.FromBroker.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Location: https://h:1/a\r\n", Encoding.Latin1.GetString(answer.Buffer), StringComparison.Ordinal);
        _connection.FromBroker.AdvanceTo(answer.Buffer.End);
        _connection.CloseByPeer();
        await Patience.Wait(handling);
        Assert.False(_isPassedOn);
    }

    [Fact]
    public async Task What_ends_within_its_head_is_answered()
    {
        Task handling = HandleAsync();
        await _connection.SendAsync("GET"u8.ToArray());
        _connection.CloseByPeer();
        ReadResult answer = await _connection.FromBroker.ReadAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", Encoding.Latin1.GetString(answer.Buffer), StringComparison.Ordinal);
        _connection.FromBroker.AdvanceTo(answer.Buffer.End);
        await Patience.Wait(handling);
    }

    private Task HandleAsync() => new PlainHttpAnswer(new FakeTimeProvider()).HandleAsync(_connection, _ =>
    {
        _isPassedOn = true;
        return Task.CompletedTask;
    });
}
