using System.Net;
using System.Net.Sockets;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>A broker that cannot start ends with code 1 and says what to do instead.</summary>
public sealed class StartRefusalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_process_on_the_same_data_directory_is_refused() // S-35, F-44
    {
        string data = _directory.PathOf("data");
        await using BrokerProcess first = await BrokerProcess.StartAsync(data);
        (int exitCode, string output) = await BrokerProcess.RunAsync(data);
        Assert.Equal(1, exitCode);
        Assert.Contains(data, output, StringComparison.Ordinal);
        Assert.Contains("in use by another broker process", output, StringComparison.Ordinal);
        Assert.Contains("--data-dir", output, StringComparison.Ordinal);

        using TcpPeer peer = await TcpPeer.LogInAsync(first.Clients);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Theory]
    [InlineData("--broker-bind")]
    [InlineData("--admin-bind")]
    public async Task A_port_in_use_is_named_with_the_way_to_another_one(string flag)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = (IPEndPoint)other.LocalEndpoint;
        (int exitCode, string output) = await BrokerProcess.RunAsync(_directory.PathOf("data"), flag, $"{taken}");
        Assert.Equal(1, exitCode);
        Assert.Contains($"{taken.Port}", output, StringComparison.Ordinal);
        Assert.Contains("--broker-bind", output, StringComparison.Ordinal);
        Assert.Contains("--admin-bind", output, StringComparison.Ordinal);
        Assert.DoesNotContain("is ready", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_configuration_is_refused_with_all_of_its_problems_and_touches_nothing()
    {
        string file = _directory.PathOf("fibril.toml");
        await File.WriteAllTextAsync(file, """
            [broker]
            max_frame_bytes = 12
            colour = "blue"
            [runtime_seed.delivery]
            lease_ms = "soon"
            """, TestContext.Current.CancellationToken);
        (int exitCode, string output) = await BrokerProcess.RunAsync(_directory.PathOf("data"), "--config", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("3 problems", output, StringComparison.Ordinal);
        foreach (string problem in new[] { "broker.max_frame_bytes", "broker.colour", "lease" })
            Assert.Contains(problem, output, StringComparison.Ordinal);
        Assert.Contains($"{file}:2:", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory.PathOf("data")));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_named()
    {
        string file = _directory.PathOf("a-file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        (int exitCode, string output) = await BrokerProcess.RunAsync(Path.Combine(file, "data"));
        Assert.Equal(1, exitCode);
        Assert.Contains(file, output, StringComparison.Ordinal);
    }
}
