using System.Threading.Channels;

namespace Fibril.Client.Consuming;

/// <summary>
/// The identity of this client in consumer groups. The first broker that is asked gives it; every later exclusive subscribe, to any broker,
/// names it (COH-5, G-4). Thread-safe.
/// </summary>
internal sealed class CohortMember
{
    private readonly Lock _gate = new();
    private readonly Channel<byte> _first = Channel.CreateBounded<byte>(1); // holds a byte while somebody asks
    private Guid? _id;

    /// <summary>The identity; null when none was given yet.</summary>
    public Guid? Id
    {
        get
        {
            lock (_gate) return _id;
        }
    }

    /// <summary>Subscribes with the identity, or alone when it has to be given first: two answers would make two members of one client.</summary>
    /// <param name="subscribe">Gets the identity or null, and returns the one the broker answered with.</param>
    /// <param name="cancellationToken">Ends the waiting for the first answer.</param>
    public async Task SubscribeAsync(Func<Guid?, Task<Guid?>> subscribe, CancellationToken cancellationToken)
    {
        if (Id is null && await TryAskAsync(subscribe, cancellationToken).ConfigureAwait(false)) return;
        await subscribe(Id).ConfigureAwait(false);
    }

    /// <summary>Subscribes without an identity, in turn with others; false when there is one by the time of the turn.</summary>
    private async Task<bool> TryAskAsync(Func<Guid?, Task<Guid?>> subscribe, CancellationToken cancellationToken)
    {
        await _first.Writer.WriteAsync(0, cancellationToken).ConfigureAwait(false);
        try
        {
            if (Id is not null) return false;
            Guid? given = await subscribe(null).ConfigureAwait(false);
            lock (_gate) _id = given;
            return true;
        }
        finally
        {
            _first.Reader.TryRead(out _);
        }
    }
}
