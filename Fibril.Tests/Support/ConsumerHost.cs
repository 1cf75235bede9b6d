using System.Threading.Channels;
using Fibril.Client;
using Fibril.Client.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Support;

/// <summary>A host whose consumers do what the test says, and report what they were given.</summary>
internal sealed class ConsumerHost : IAsyncDisposable
{
    private readonly IHost _host;

    private ConsumerHost(IHost host) => _host = host;

    public ConsumerScript Script => _host.Services.GetRequiredService<ConsumerScript>();

    public static async Task<ConsumerHost> StartAsync(
        int port, Action<IServiceCollection> configure, Func<ReceivedMessage, CancellationToken, Task>? handle = null, ILoggerProvider? logger = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        if (logger is not null) builder.Logging.AddProvider(logger);
        builder.Services.AddSingleton(new ConsumerScript(handle ?? ((_, _) => Task.CompletedTask)));
        builder.Services.AddScoped<ScopedThing>();
        builder.Services.AddFibrilClient(options => (options.Host, options.Port) = ("127.0.0.1", port));
        configure(builder.Services);
        var host = new ConsumerHost(builder.Build());
        await Patience.Wait(host._host.StartAsync());
        return host;
    }

    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops the consumer as the host does; the token ends the host's patience.</summary>
    public Task StopConsumerAsync(CancellationToken cancellationToken) =>
        Assert.Single(_host.Services.GetServices<IHostedService>()).StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Patience.Wait(_host.StopAsync());
        await Patience.Wait(((IAsyncDisposable)_host).DisposeAsync());
    }
}

/// <summary>What scripted consumers do.</summary>
internal sealed class ConsumerScript(Func<ReceivedMessage, CancellationToken, Task> handle)
{
    private readonly Channel<(ReceivedMessage Message, ScopedThing Thing)> _begun = Channel.CreateUnbounded<(ReceivedMessage, ScopedThing)>();

    public Task HandleAsync(ReceivedMessage message, ScopedThing thing, CancellationToken cancellationToken)
    {
        _begun.Writer.TryWrite((message, thing));
        return handle(message, cancellationToken);
    }

    /// <summary>The next message that a consumer was given.</summary>
    public async Task<ReceivedMessage> NextAsync() => (await NextInScopeAsync()).Message;

    public Task<(ReceivedMessage Message, ScopedThing Thing)> NextInScopeAsync() => Patience.Wait(_begun.Reader.ReadAsync());

    public bool HasMore => _begun.Reader.TryPeek(out _);
}

/// <summary>A consumer as applications write it.</summary>
internal sealed class ScriptedConsumer(ConsumerScript script, ScopedThing thing) : IFibrilConsumer
{
    public Task ConsumeAsync(ReceivedMessage message, CancellationToken cancellationToken) => script.HandleAsync(message, thing, cancellationToken);
}

/// <summary>Something that lives as long as its scope.</summary>
internal sealed class ScopedThing : IDisposable
{
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Disposed => _disposed.Task;

    public void Dispose() => _disposed.TrySetResult();
}
