using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Login;
using Fibril.ServiceDefaults;

namespace Fibril.Dashboard.Hosting;

/// <summary>The dashboard as a program of its own, for one broker or several.</summary>
public static class StandaloneHost
{
    public const string DefaultUrls = "http://127.0.0.1:8090";

    /// <summary>Where probes ask whether it runs.</summary>
    public const string HealthPath = "/healthz";

    /// <summary>Runs it until it is asked to stop.</summary>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start; the reason is then on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using WebApplication app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The dashboard cannot start: {failure.Message}");
            return 1;
        }
    }

    /// <summary>Puts it together without starting it.</summary>
    /// <exception cref="InvalidOperationException">The configuration makes no sense. The message says what to write instead.</exception>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // a probe every few seconds is no news
        StandaloneOptions options = builder.Configuration.GetSection(StandaloneOptions.Section).Get<StandaloneOptions>() ?? new StandaloneOptions();
        BrokerDirectory brokers = BrokerDiscovery.Find(options, builder.Configuration);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls(options.Urls ?? DefaultUrls);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(options);
        builder.Services.AddSingleton(new DashboardOptions { TraceUrl = options.TraceUrl });
        builder.Services.AddDashboard(_ => brokers);
        builder.Services.AddSingleton<StandaloneLogin>().AddSingleton<OpenBrokers>();

        WebApplication app = builder.Build();
        app.UseMiddleware<BrokerPaths>();
        app.UseMiddleware<HostGuard>();
        app.UseMiddleware<SameSiteGuard>();
        app.UseMiddleware<ExposureGuard>();
        app.UseDashboard();
        app.UseRouting();
        app.MapHealthChecks(HealthPath);
        app.Services.GetRequiredService<StandaloneLogin>().Map(app);
        app.MapDashboard();
        foreach (BrokerEntry broker in brokers.All) app.Logger.ShowsBroker(broker.Name, broker.Http.BaseAddress, broker.BasePath);
        return app;
    }
}
