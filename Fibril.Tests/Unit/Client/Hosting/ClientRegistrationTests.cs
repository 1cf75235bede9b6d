using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fibril.Tests.Unit.Client.Hosting;

public sealed class ClientRegistrationTests
{
    [Fact]
    public async Task The_application_has_one_client_which_connects_when_it_is_needed()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        using IHost host = await StartAsync(static services => services.AddFibrilClient(), Setting("Fibril:Client:Port", broker.Port));
        var client = host.Services.GetRequiredService<FibrilClient>();
        Assert.Same(client, host.Services.GetRequiredService<FibrilClient>());
        Assert.False(client.IsConnected);
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task It_connects_at_the_start_when_that_is_wanted()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        using IHost host = await StartAsync(services => services.AddFibrilClient(options => options.Port = broker.Port, connectAtStart: true));
        Assert.True(host.Services.GetRequiredService<FibrilClient>().IsConnected);
    }

    [Fact]
    public async Task A_host_that_is_to_connect_at_the_start_does_not_start_without_a_broker() =>
        await Assert.ThrowsAsync<FibrilConnectionException>(
            () => StartAsync(static services => services.AddFibrilClient(static options => options.Port = 1, connectAtStart: true)));

    [Fact]
    public async Task Clients_with_keys_are_clients_of_their_own()
    {
        await using FibrilTestBroker ours = await FibrilTestBroker.StartAsync();
        await using FibrilTestBroker theirs = await FibrilTestBroker.StartAsync();
        using IHost host = await StartAsync(
            static services => services.AddFibrilClient().AddKeyedFibrilClient("theirs", connectAtStart: true),
            Setting("Fibril:Client:Port", ours.Port), Setting("Fibril:Clients:theirs:Port", theirs.Port));
        var client = host.Services.GetRequiredKeyedService<FibrilClient>("theirs");
        Assert.True(client.IsConnected);
        Assert.False(host.Services.GetRequiredService<FibrilClient>().IsConnected);
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        Assert.Equal(1, await theirs.CountMessagesAsync("orders"));
    }

    [Fact]
    public async Task Code_wins_over_configuration()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        using IHost host = await StartAsync(
            services => services.AddFibrilClient(options => options.Port = broker.Port, connectAtStart: true), Setting("Fibril:Client:Port", 1));
        Assert.True(host.Services.GetRequiredService<FibrilClient>().IsConnected);
    }

    [Theory]
    [InlineData("Fibril:Client:Port", "0", "Fibril:Client: Port is 0; use 1 to 65535.")]
    [InlineData("Fibril:Client:FallbackEndpoints:0", "a:b:c", "Fibril:Client: 'a:b:c' is not a broker endpoint; write host, host:port")]
    public async Task An_option_that_makes_no_sense_fails_the_start_and_says_what_to_write(string key, string value, string message)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(static services => services.AddFibrilClient(), Setting(key, value)));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fibril:Client:Prot", "9876", "Prot")]
    [InlineData("Fibril:Client:Port", "many", "Fibril:Client:Port")]
    public async Task A_setting_that_cannot_be_read_fails_the_start(string key, string value, string part)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync(static services => services.AddFibrilClient(), Setting(key, value)));
        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_check_asks_the_broker()
    {
        FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        using IHost host = await StartAsync(services =>
        {
            services.AddFibrilClient(options => options.Port = broker.Port);
            services.AddHealthChecks().AddFibrilClient(tags: ["ready"]);
        });
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        HealthReport well = await checks.CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, well.Entries["fibril"].Status);
        Assert.Equal(["ready"], well.Entries["fibril"].Tags);
        await broker.DisposeAsync();
        HealthReport ill = await checks.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, ill.Entries["fibril"].Status);
        Assert.NotEmpty(ill.Entries["fibril"].Description!);
    }

    [Fact]
    public async Task The_health_check_of_a_client_with_a_key_is_named_after_it_and_as_severe_as_it_was_said()
    {
        using IHost host = await StartAsync(static services =>
        {
            services.AddKeyedFibrilClient("theirs", static options => options.Port = 1);
            services.AddHealthChecks().AddFibrilClient("theirs", failureStatus: HealthStatus.Degraded);
        });
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Degraded, report.Entries["fibril-theirs"].Status);
    }

    private static KeyValuePair<string, string?> Setting(string key, object value) => new(key, $"{value}");

    private static async Task<IHost> StartAsync(Action<IServiceCollection> configure, params KeyValuePair<string, string?>[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([Setting("Fibril:Client:Host", "127.0.0.1"), .. settings]);
        configure(builder.Services);
        IHost host = builder.Build();
        await Patience.Wait(host.StartAsync());
        return host;
    }
}
