using Fibril.Client.Routing;

namespace Fibril.Tests.Unit.Client;

public sealed class BrokerEndpointTests
{
    [Theory]
    [InlineData("localhost", "localhost", 9876)]
    [InlineData("broker-a.internal:7000", "broker-a.internal", 7000)]
    [InlineData(" 10.1.2.3:9876 ", "10.1.2.3", 9876)]
    [InlineData("[::1]:7000", "::1", 7000)]
    [InlineData("[2001:db8::7]", "2001:db8::7", 9876)]
    public void An_endpoint_is_a_host_with_or_without_a_port(string text, string host, int port)
    {
        BrokerEndpoint endpoint = BrokerEndpoint.Parse(text);
        Assert.Equal(host, endpoint.Host);
        Assert.Equal(port, endpoint.Port);
    }

    [Theory]
    [InlineData(":9876")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:http")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[::1]9876")]
    [InlineData("[]:9876")]
    [InlineData("http://localhost:9876")]
    [InlineData("localhost/9876")]
    public void Anything_else_is_refused_with_an_example(string text)
    {
        var refusal = Assert.Throws<ArgumentException>(() => BrokerEndpoint.Parse(text));
        Assert.Contains("localhost:9876", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:9876")]
    [InlineData("[::1]:7000")]
    public void An_endpoint_prints_as_it_is_written(string text) => Assert.Equal(text, BrokerEndpoint.Parse(text).ToString());
}
