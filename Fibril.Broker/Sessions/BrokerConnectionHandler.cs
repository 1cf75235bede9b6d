using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Sessions;

/// <summary>Where a connection accepted by the broker listener begins and ends.</summary>
internal sealed class BrokerConnectionHandler(SessionEnvironment environment, ConnectionRegistry connections) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var client = new ClientConnection(environment, connection, connections.Released);
        if (!connections.TryAdd(client))
        {
            environment.Metrics.Errors.Increment();
            environment.Logger.ConnectionRefused(connection.RemoteEndPoint as IPEndPoint, connections.Count);
            connection.Abort();
            return;
        }

        environment.Metrics.Accepted.Increment();
        try
        {
            await client.RunAsync();
        }
        finally
        {
            connections.Remove(client);
            environment.Metrics.Ended.Increment();
        }
    }
}
