using System.Collections.Concurrent;

namespace Fibril.Dashboard.Brokers;

/// <summary>Knows which brokers ask nobody for a password. Thread-safe.</summary>
public sealed class OpenBrokers(BrokerDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (bool IsOpen, long At)> _known = new();

    /// <summary>One of them, or null when there is none.</summary>
    public async Task<BrokerEntry?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (BrokerEntry broker in directory.All)
        {
            if (await IsOpenAsync(broker, cancellationToken)) return broker;
        }

        return null;
    }

    /// <summary>Whether somebody who shows nothing is let in. A broker that cannot be asked shows nothing to anybody.</summary>
    private async Task<bool> IsOpenAsync(BrokerEntry broker, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(broker.Name, out (bool IsOpen, long At) known) && time.GetElapsedTime(known.At) < Believed) return known.IsOpen;
        bool isOpen;
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(BrokerHttp.Timeout);
            using HttpResponseMessage response = await broker.Http.GetAsync("admin/api/session", timeout.Token);
            isOpen = response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        _known[broker.Name] = (isOpen, time.GetTimestamp());
        return isOpen;
    }
}
