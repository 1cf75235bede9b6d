using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Protocol;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers consumers that run for as long as the host does.</summary>
public static class FibrilConsumerServiceCollectionExtensions
{
    private const string Section = "Fibril:Consumers";

    /// <summary>Registers a consumer of a queue, which runs while the host does.</summary>
    /// <typeparam name="T">Made for every message anew, in a scope of its own, unless it is registered otherwise before.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="topic">Topic of the queue.</param>
    /// <param name="configure">Changes what the configuration section <c>Fibril:Consumers:</c>topic says; null for nothing.</param>
    /// <param name="clientKey">Key of the client to use; null for the one without a key.</param>
    /// <remarks>
    /// Leases are renewed while messages are handled. When the host stops, no more messages are taken and those being handled are finished, for as
    /// long as its shutdown timeout allows. A client can have one subscription to a queue, so one consumer.
    /// </remarks>
    /// <exception cref="ArgumentException">The topic is no name; the message says why.</exception>
    public static IServiceCollection AddFibrilConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, string topic, Action<FibrilConsumerOptions>? configure = null, string? clientKey = null)
        where T : class, IFibrilConsumer
    {
        string name = Prepare<T>(services, topic, clientKey);
        OptionsBuilder<FibrilConsumerOptions> options = services.AddOptions<FibrilConsumerOptions>(name)
            .Configure<IServiceProvider>((options, provider) => provider.GetService<IConfiguration>()?.GetSection($"{Section}:{topic}")
                .Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true));
        AddValidation(services, options, configure, topic);
        return services.AddSingleton<IHostedService>(provider => new QueueConsumerService<T>(
            Client(provider, clientKey),
            topic,
            provider.GetRequiredService<IOptionsMonitor<FibrilConsumerOptions>>().Get(name),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<T>>()));
    }

    /// <summary>Registers a consumer of a stream, which runs while the host does and handles one record after the other.</summary>
    /// <typeparam name="T">Made for every record anew, in a scope of its own, unless it is registered otherwise before.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="topic">Topic of the stream, which must have been declared.</param>
    /// <param name="configure">Changes what the configuration section <c>Fibril:Consumers:</c>topic says; null for nothing.</param>
    /// <param name="clientKey">Key of the client to use; null for the one without a key.</param>
    /// <remarks>
    /// A record that failed is tried again after its delay, and what is behind it waits. When the host stops, the record being handled is finished,
    /// for as long as its shutdown timeout allows.
    /// </remarks>
    /// <exception cref="ArgumentException">The topic is no name; the message says why.</exception>
    public static IServiceCollection AddFibrilStreamConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, string topic, Action<FibrilStreamConsumerOptions>? configure = null, string? clientKey = null)
        where T : class, IFibrilConsumer
    {
        string name = Prepare<T>(services, topic, clientKey);
        OptionsBuilder<FibrilStreamConsumerOptions> options = services.AddOptions<FibrilStreamConsumerOptions>(name)
            .Configure<IServiceProvider>((options, provider) => provider.GetService<IConfiguration>()?.GetSection($"{Section}:{topic}")
                .Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true));
        AddValidation(services, options, configure, topic);
        return services.AddSingleton<IHostedService>(provider => new StreamConsumerService<T>(
            Client(provider, clientKey),
            topic,
            provider.GetRequiredService<IOptionsMonitor<FibrilStreamConsumerOptions>>().Get(name),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<T>>()));
    }

    /// <returns>Name of the options: what tells this registration from all others.</returns>
    private static string Prepare<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        IServiceCollection services, string topic, string? clientKey)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (Names.Explain(Encoding.UTF8.GetBytes(topic)) is { } fault)
            throw new ArgumentException($"'{topic}' is not a topic name: {fault}.", nameof(topic));
        services.TryAddScoped<T>();
        return $"{clientKey}:{topic}:{typeof(T).FullName}";
    }

    private static void AddValidation<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        IServiceCollection services, OptionsBuilder<TOptions> options, Action<TOptions>? configure, string topic)
        where TOptions : ConsumerOptions
    {
        if (configure is not null) options.Configure(configure);
        options.ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>>(
            new ArgumentValidator<TOptions>(options.Name, $"{Section}:{topic}", static options => options.Validate()));
    }

    private static FibrilClient Client(IServiceProvider provider, string? key) =>
        key is null ? provider.GetRequiredService<FibrilClient>() : provider.GetRequiredKeyedService<FibrilClient>(key);
}
