using System.Net;
using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions.Transport;
using Fibril.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Support;

/// <summary>A whole broker in this process, behind its real listeners, on ports that the system picks.</summary>
internal sealed class HostedBroker : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HostedBroker(WebApplication app, RecordingLogger log)
    {
        _app = app;
        Log = log;
    }

    public RecordingLogger Log { get; }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint Clients => _app.Services.GetRequiredService<BoundAddress>().Value!;

    /// <summary>Where the admin listener answers.</summary>
    public Uri Admin => new(BrokerHost.AdminAddressOf(_app)!);

    public Certificates Certificates => _app.Services.GetRequiredService<Certificates>();

    /// <summary>Who the sessions belong to.</summary>
    public IEnumerable<string> SessionUsers => Core.Sessions.Sessions.All.Select(static session => session.UserName);

    /// <summary>Partitions of queues and streams that are in memory.</summary>
    public int LoadedPartitionCount => Core.Queues.Loaded.Count() + Core.Streams.Loaded.Count();

    public UserDirectory Users => _app.Services.GetRequiredService<UserDirectory>();

    private BrokerCore Core => _app.Services.GetRequiredService<BrokerCore>();

    public static async Task<HostedBroker> StartAsync(string dataDirectory, Action<BrokerOptions>? configure = null)
    {
        var options = new BrokerOptions { DataDirectory = dataDirectory };
        options.Sessions.Bind = new IPEndPoint(IPAddress.Loopback, 0);
        options.Admin.Bind = new IPEndPoint(IPAddress.Loopback, 0);
        options.Log.PreallocateBytes = 0;
        options.Log.ReserveBytes = 0;
        configure?.Invoke(options);
        var log = new RecordingLogger();
        WebApplication app = BrokerHost.Build(options, StartupReport.Of(options), builder => builder.Logging.ClearProviders().AddProvider(new RecordingProvider(log)));
        try
        {
            await app.StartAsync();
            return new HostedBroker(app, log);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects a client as the built-in user.</summary>
    public Task<FibrilClient> ConnectAsync(FibrilTlsOptions? tls, Action<FibrilClientOptions>? configure = null)
    {
        var options = new FibrilClientOptions { Host = "127.0.0.1", Port = Clients.Port, Tls = tls };
        configure?.Invoke(options);
        return FibrilClient.ConnectAsync(options, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Core.StopAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class RecordingProvider(ILogger log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
            // The test reads it afterwards.
        }
    }
}
