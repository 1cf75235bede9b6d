using System.Net;
using Fibril.Broker.Hosting;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Fibril.Topology;

namespace Fibril.Tests.Unit.Topology;

/// <summary>What a local topology gives each node, judged by the broker that is started with it.</summary>
public sealed class LocalTopologyTests
{
    private static readonly string DataRoot = Path.Combine(Path.DirectorySeparatorChar.ToString(), "srv", "fibril");

    [Fact]
    public void A_single_broker_listens_where_clients_look_first()
    {
        BrokerNode broker = Assert.Single(LocalTopology.SingleBroker(DataRoot).Brokers);
        Assert.Equal("broker-1", broker.Name);
        Assert.Equal((ProtocolDefaults.BrokerPort, ProtocolDefaults.AdminPort), (broker.BrokerPort, broker.AdminPort));
        Assert.Equal(Path.Combine(DataRoot, "broker-1"), broker.DataDirectory);
    }

    [Fact]
    public void First_ports_are_those_of_the_protocol()
    {
        Assert.Equal(9876, LocalTopology.FirstBrokerPort);
        Assert.Equal(8081, LocalTopology.FirstAdminPort);
    }

    [Fact]
    public void A_broker_understands_every_variable_of_its_node()
    {
        var node = new BrokerNode("broker-7", 9883, 8088, Path.Combine(DataRoot, "broker-7"));
        var sources = new ConfigurationSources();
        foreach ((string variable, string value) in node.Environment) sources.Variable(variable, value);
        BrokerOptions options = sources.LoadOptions();
        Assert.Empty(sources.Load().Warnings);
        Assert.Equal(node.DataDirectory, options.DataDirectory);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 9883), options.Sessions.Bind);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8088), options.Admin.Bind);
    }

    [Fact] // the listeners of a local topology are for this machine only
    public void Variables_are_these()
    {
        var node = new BrokerNode("n", 1, 2, "data");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["FIBRIL_DATA_DIR"] = "data",
                ["FIBRIL_BROKER_BIND"] = "127.0.0.1:1",
                ["FIBRIL_ADMIN_BIND"] = "127.0.0.1:2",
            },
            node.Environment);
    }

    [Fact]
    public void Readiness_is_asked_for_where_the_broker_answers() => Assert.Equal("/readyz", BrokerNode.ReadyPath);
}
