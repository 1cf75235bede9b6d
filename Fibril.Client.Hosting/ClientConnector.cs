using Microsoft.Extensions.Hosting;

namespace Fibril.Client.Hosting;

/// <summary>Connects a client when the host starts; a failure fails the start.</summary>
internal sealed class ClientConnector(FibrilClient client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => client.OpenAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
