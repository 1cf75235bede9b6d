using Fibril.Broker.Sessions.Transport;
using Fibril.Broker.Statistics;

namespace Fibril.Broker.Hosting;

/// <summary>Puts the parts of a broker where listeners and the admin surface find them.</summary>
internal static class BrokerServices
{
    /// <param name="services">Of the web application.</param>
    /// <param name="options">What the broker is started with.</param>
    /// <param name="time">The time of every rule.</param>
    /// <param name="open">Opens the core, when somebody asks for it first.</param>
    public static IServiceCollection AddBroker(this IServiceCollection services, BrokerOptions options, TimeProvider time, Func<IServiceProvider, BrokerCore> open) => services
        .AddSingleton(time)
        .AddSingleton(options.Sessions)
        .AddSingleton(options.Tls)
        .AddSingleton<BoundAddress>()
        .AddSingleton(open)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Queues)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Streams)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Sessions)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Connections)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Audit)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Users)
        .AddSingleton(static provider => provider.GetRequiredService<BrokerCore>().Settings)
        .AddSingleton(provider =>
        {
            BrokerCore core = provider.GetRequiredService<BrokerCore>();
            return new BrokerStatistics(core.Metrics, core.Parts, time, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Fibril.Statistics"));
        });
}
