using System.Diagnostics.Metrics;
using Fibril.Client;
using Fibril.Client.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers clients of Fibril brokers.</summary>
public static class FibrilClientServiceCollectionExtensions
{
    /// <summary>Registers the <see cref="FibrilClient"/> of this application. It connects when it is first needed, and logs where the application does.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes what the configuration section <c>Fibril:Client</c> says; null for nothing.</param>
    /// <param name="connectAtStart">True: the host connects when it starts, and does not start when that fails.</param>
    /// <remarks>Options that make no sense fail the start of the host, with a message that says what to write.</remarks>
    public static IServiceCollection AddFibrilClient(
        this IServiceCollection services, Action<FibrilClientOptions>? configure = null, bool connectAtStart = false)
    {
        AddOptions(services, Options.Options.DefaultName, "Fibril:Client", configure);
        services.TryAddSingleton(static provider => CreateClient(provider, Options.Options.DefaultName));
        if (connectAtStart) AddConnector(services, static provider => provider.GetRequiredService<FibrilClient>());
        return services;
    }

    /// <summary>Registers a further <see cref="FibrilClient"/>, by a key: for another cluster, or another user.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">To be asked for with <c>[FromKeyedServices]</c>.</param>
    /// <param name="configure">Changes what the configuration section <c>Fibril:Clients:</c>key says; null for nothing.</param>
    /// <param name="connectAtStart">True: the host connects when it starts, and does not start when that fails.</param>
    /// <inheritdoc cref="AddFibrilClient" path="/remarks"/>
    public static IServiceCollection AddKeyedFibrilClient(
        this IServiceCollection services, string key, Action<FibrilClientOptions>? configure = null, bool connectAtStart = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        AddOptions(services, key, $"Fibril:Clients:{key}", configure);
        services.TryAddKeyedSingleton(key, (provider, _) => CreateClient(provider, key));
        if (connectAtStart) AddConnector(services, provider => provider.GetRequiredKeyedService<FibrilClient>(key));
        return services;
    }

    private static void AddOptions(IServiceCollection services, string name, string section, Action<FibrilClientOptions>? configure)
    {
        OptionsBuilder<FibrilClientOptions> options = services.AddOptions<FibrilClientOptions>(name)
            .Configure<IServiceProvider>((options, provider) =>
            {
                provider.GetService<IConfiguration>()?.GetSection(section).Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
                options.LoggerFactory = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
                options.MeterFactory = provider.GetService<IMeterFactory>();
            })
            .ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.AddSingleton<IValidateOptions<FibrilClientOptions>>(
            new ArgumentValidator<FibrilClientOptions>(name, section, static options => options.Validate()));
    }

    private static void AddConnector(IServiceCollection services, Func<IServiceProvider, FibrilClient> client) =>
        services.AddSingleton<IHostedService>(provider => new ClientConnector(client(provider)));

    private static FibrilClient CreateClient(IServiceProvider provider, string name) =>
        FibrilClient.Create(provider.GetRequiredService<IOptionsMonitor<FibrilClientOptions>>().Get(name));
}
