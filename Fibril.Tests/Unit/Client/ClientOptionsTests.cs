using Fibril.Client;

namespace Fibril.Tests.Unit.Client;

public sealed class ClientOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new FibrilClientOptions();
        Assert.Equal("localhost", options.Host);
        Assert.Equal(9876, options.Port);
        Assert.Equal("fibril", options.UserName);
        Assert.Equal("fibril", options.Password);
        Assert.Equal(TimeSpan.FromSeconds(10), options.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), options.OperationTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), options.HeartbeatInterval);
        Assert.Equal(64 << 20, options.MaxFrameBytes);
        Assert.Equal(32, new SubscribeOptions().Prefetch);
        Assert.False(new SubscribeOptions().AutoRenew);
        Assert.Equal(TimeSpan.FromMinutes(10), new SubscribeOptions().AutoRenewLimit);
    }

    public static TheoryData<string, Action<FibrilClientOptions>> Mistakes => new()
    {
        { "Host", options => options.Host = " " },
        { "Port", options => options.Port = 0 },
        { "Port", options => options.Port = 65_536 },
        { "Password", options => options.Password = null },
        { "ClientName", options => options.ClientName = new string('n', 1025) },
        { "ConnectTimeout", options => options.ConnectTimeout = TimeSpan.Zero },
        { "OperationTimeout", options => options.OperationTimeout = TimeSpan.FromDays(2) },
        { "HeartbeatInterval", options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(9) },
        { "MaxFrameBytes", options => options.MaxFrameBytes = 1000 },
        { "WriteBufferBytes", options => options.WriteBufferBytes = 4095 },
        { "MaxPendingRequests", options => options.MaxPendingRequests = 15 },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task A_mistake_in_the_options_is_named_before_anything_connects(string option, Action<FibrilClientOptions> mistake)
    {
        var options = new FibrilClientOptions();
        mistake(options);
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => FibrilClient.ConnectAsync(options));
        Assert.Equal(option, refusal.ParamName);
        Assert.Contains(option, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 20) + 1)]
    public void A_prefetch_out_of_range_is_refused(int prefetch)
    {
        var options = new SubscribeOptions { Prefetch = prefetch };
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Validated());
    }

    [Theory]
    [InlineData(0.999)]
    [InlineData((7 * 24 * 3600) + 1)]
    public void A_time_to_keep_messages_out_of_range_is_refused(double seconds)
    {
        var options = new SubscribeOptions { AutoRenewLimit = TimeSpan.FromSeconds(seconds) };
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Validated());
    }

    [Fact]
    public void Nothing_can_be_renewed_for_messages_that_are_settled_when_they_are_sent()
    {
        var options = new SubscribeOptions { AutoAck = true, AutoRenew = true };
        Assert.Throws<ArgumentException>(() => options.Validated());
    }
}
