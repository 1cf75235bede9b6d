using System.Diagnostics.Metrics;
using System.Net;
using Fibril.Broker.Admin;
using Fibril.Broker.Admin.Metrics;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Hosting.Dashboard;
using Fibril.Broker.Hosting.Setup;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Transport;
using Fibril.Broker.Statistics;
using Fibril.Dashboard.Hosting;
using Fibril.ServiceDefaults;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Fibril.Broker.Hosting;

/// <summary>A whole broker in this process: the core, the client listener and the admin listener.</summary>
internal static class BrokerHost
{
    /// <summary>Goes through the setup of a data directory when that was asked for.</summary>
    /// <returns>What to do next; null when that is impossible, and the reason is then on standard error.</returns>
    public static async Task<FirstBootOutcome?> SetUpAsync(LoadedConfiguration configuration, Func<string, ConfigurationOutcome> preview)
    {
        try
        {
            return await FirstBoot.RunAsync(configuration, preview);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            await TellAsync(failure, configuration.Options);
            return null;
        }
    }

    /// <summary>Runs a broker until it is asked to stop by a signal.</summary>
    /// <returns>The exit code of the process: 0 after an orderly stop, 1 when it could not start; the reason is then on standard error.</returns>
    public static async Task<int> RunAsync(LoadedConfiguration configuration)
    {
        BrokerOptions options = configuration.Options;
        try
        {
            await using WebApplication app = Build(options, StartupReport.Of(configuration));
            BrokerCore core = app.Services.GetRequiredService<BrokerCore>();
            app.Services.GetRequiredService<BrokerStatistics>();
            ReportOddities(app.Logger, options, core);
            Task stopped = Task.CompletedTask;
            app.Lifetime.ApplicationStopping.Register(() => stopped = Task.Run(core.StopAsync));
            if (await TryStartAsync(app))
            {
                ReportReady(app, options, core);
                await app.WaitForShutdownAsync();
            }

            return await FinishAsync(stopped, options, app.Logger);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            await TellAsync(failure, options);
            return 1;
        }
    }

    /// <summary>Starts to serve.</summary>
    /// <returns>False when the process was asked to stop meanwhile; what had started is stopped then.</returns>
    internal static async Task<bool> TryStartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.StopAsync();
            return false;
        }
    }

    private static bool IsExpected(Exception failure) => failure is IOException or UnauthorizedAccessException or NotSupportedException or InvalidDataException;

    private static Task TellAsync(Exception failure, BrokerOptions options) =>
        Console.Error.WriteLineAsync($"fibril-server cannot start: {Explain(failure, options)}");

    private static async Task<int> FinishAsync(Task stopped, BrokerOptions options, ILogger logger)
    {
        try
        {
            await stopped.WaitAsync(options.ShutdownTimeout);
            logger.Stopped();
            return 0;
        }
        catch (TimeoutException)
        {
            logger.StopTookTooLong(options.ShutdownTimeout.TotalSeconds);
            return 1;
        }
    }

    /// <summary>Puts a broker together without starting it.</summary>
    /// <param name="options">Everything it is started with.</param>
    /// <param name="startup">The same as operators see it.</param>
    /// <param name="adjust">Changes what it is put together from, last of all; null to leave it as it is.</param>
    internal static WebApplication Build(BrokerOptions options, StartupConfiguration startup, Action<WebApplicationBuilder>? adjust = null)
    {
        WebApplicationBuilder builder = CreateBuilder();
        builder.AddServiceDefaults("Fibril.Broker");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenForClients(options);
            kestrel.ListenForAdmin(options);
            MountedDashboard.Listen(kestrel);
        });
        builder.AddCertificates(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPoolFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, BrokerTransportFactory>();
        builder.Services.AddBroker(options, TimeProvider.System, services => BrokerCore.Open(
            options, services.GetRequiredService<ILoggerFactory>(), TimeProvider.System,
            new Instruments(services.GetRequiredService<IMeterFactory>().Create(Instruments.Name))));
        builder.Services.AddSingleton<BrokerConnectionHandler>();
        builder.Services.AddSingleton(startup).AddAdmin(options.Admin);
        MountedDashboard.Add(builder);

        adjust?.Invoke(builder);
        WebApplication app = builder.Build();
        app.UseForwardedCallers();
        app.UseAdmin(static app => app.UseDashboard());
        app.MapDashboard();
        return app;
    }

    /// <summary>What is the same for everything that this process serves: it logs to the console, and listens where it is told only.</summary>
    internal static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Fibril.Broker" });
        builder.Logging.ClearProviders().AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        LogFilter.Apply(builder.Logging, Environment.GetEnvironmentVariable(LogFilter.Variable));
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
        return builder;
    }

    private static void ReportReady(WebApplication app, BrokerOptions options, BrokerCore core)
    {
        IPEndPoint? broker = app.Services.GetRequiredService<BoundAddress>().Value;
        string admin = AdminAddressOf(app) ?? options.Admin.Bind.ToString();
        app.Logger.Ready(broker, admin, Path.GetFullPath(options.DataDirectory), core.Queues.Catalogue.Count, core.Streams.Catalogue.Count);
    }

    /// <summary>Where the admin listener answers, as a URL; null while it does not.</summary>
    internal static string? AdminAddressOf(WebApplication app)
    {
        int? clients = app.Services.GetRequiredService<BoundAddress>().Value?.Port;
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(address =>
            !address.EndsWith($":{clients}", StringComparison.Ordinal) && !address.EndsWith(InProcessEndPoint.Name, StringComparison.Ordinal));
    }

    private static void ReportOddities(ILogger logger, BrokerOptions options, BrokerCore core)
    {
        if (!options.Tls.Enabled && !core.Users.IsEmpty) logger.PasswordsTravelOpenly();
        foreach (LogDamage damage in core.Catalogue.SnapshotDamages) logger.CatalogueSnapshotDamaged(damage);
        foreach (string topic in core.Queues.FindUnknownTopics().Concat(core.Streams.FindUnknownTopics())) logger.UnknownTopic(topic);
    }

    private static string Explain(Exception failure, BrokerOptions options)
    {
        if (failure.InnerException is AddressInUseException || failure is AddressInUseException)
        {
            return $"{failure.Message} Another process, perhaps another broker, listens there. Stop it, or choose other ports with "
                + $"--broker-bind (now {options.Sessions.Bind}) and --admin-bind (now {options.Admin.Bind}).";
        }

        return failure.Message;
    }
}
