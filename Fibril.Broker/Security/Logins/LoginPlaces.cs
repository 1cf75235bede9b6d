using System.Net;

namespace Fibril.Broker.Security.Logins;

/// <summary>Lets few logins of one <see cref="SourceNetwork"/> be looked at at once: one that sends many holds itself up, and no other. Thread-safe.</summary>
internal sealed class LoginPlaces
{
    public const int PlacesPerNetwork = 4;
    public const int MostWaitingPerNetwork = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Network> _networks = [];

    /// <summary>Networks that have a login under way.</summary>
    public int NetworkCount
    {
        get
        {
            lock (_gate) return _networks.Count;
        }
    }

    /// <summary>Waits for a place.</summary>
    /// <param name="address">Where the login comes from; everything without an address counts as one network.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The place, for as long as it is not disposed; null when so many wait already that there is none for this one.</returns>
    public async ValueTask<IDisposable?> EnterAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        IPAddress source = address is null ? IPAddress.None : SourceNetwork.Of(address);
        if (Come(source) is not { } network) return null;
        try
        {
            await network.Free.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Place(this, source, network);
        }
        catch
        {
            Go(source, network);
            throw;
        }
    }

    private Network? Come(IPAddress source)
    {
        lock (_gate)
        {
            if (!_networks.TryGetValue(source, out Network? network)) _networks.Add(source, network = new Network());
            if (network.PresentCount == PlacesPerNetwork + MostWaitingPerNetwork) return null;
            network.PresentCount++;
            return network;
        }
    }

    private void Go(IPAddress source, Network network)
    {
        lock (_gate)
        {
            if (--network.PresentCount == 0) _networks.Remove(source);
        }
    }

    private sealed class Network
    {
        public SemaphoreSlim Free { get; } = new(PlacesPerNetwork);

        /// <summary>Logins that have a place or wait for one.</summary>
        public int PresentCount { get; set; }
    }

    private sealed class Place(LoginPlaces places, IPAddress source, Network network) : IDisposable
    {
        public void Dispose()
        {
            network.Free.Release();
            places.Go(source, network);
        }
    }
}
