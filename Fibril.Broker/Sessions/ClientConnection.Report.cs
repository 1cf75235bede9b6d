namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private long _publishedCount; // written by the read loop

    /// <summary>Unique over all connections of the broker.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The connection now. Thread-safe.</summary>
    public ConnectionReport Report()
    {
        Session? session = _phase == Phase.Ready ? _session : null;
        bool isAttached = session?.IsAttachedTo(this) == true;
        return new ConnectionReport(
            Id, Peer, _environment.WireTime.GetElapsedTime(_acceptedAt), session?.UserName, _clientName, _clientVersion, session?.Identity.ClientId,
            isAttached, isAttached ? session!.SubscriptionCount : 0, Interlocked.Read(ref _publishedCount), _output.PendingBytes);
    }
}
