using Fibril.Broker.Hosting;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>What the process does between its first line and its first client.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_signal_that_comes_while_the_broker_starts_stops_it_in_order()
    {
        var early = new EarlyBird();
        await using WebApplication app = Build(services => services.AddSingleton<IHostedService>(early).AddHostedService<SlowStart>());
        Task<bool> starting = BrokerHost.TryStartAsync(app);
        app.Lifetime.StopApplication();
        Assert.False(await Patience.Wait(starting));
        Assert.True(early.IsStopped);
    }

    [Fact]
    public async Task A_start_that_is_cancelled_by_nobody_is_no_orderly_stop()
    {
        await using WebApplication app = Build(static services => services.AddHostedService<GivesUp>());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(BrokerHost.TryStartAsync(app)));
    }

    private static WebApplication Build(Action<IServiceCollection> add)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        add(builder.Services);
        return builder.Build();
    }

    private sealed class EarlyBird : IHostedService
    {
        public bool IsStopped { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            return Task.CompletedTask;
        }
    }

    /// <summary>Starts when it is told to give up, at the latest.</summary>
    private sealed class SlowStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class GivesUp : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new OperationCanceledException();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
