using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>What the client routes by. Operations read it and never fetch it. Thread-safe.</summary>
internal sealed class TopologyCache
{
    private readonly Lock _gate = new();
    private RoutingTable _current = RoutingTable.Empty;
    private TaskCompletionSource _changed = NewSignal();
    private bool _isKnown;

    /// <summary>Runs when a complete topology was taken over, on the thread that brought it, which may be a receive loop: must not block.</summary>
    public event Action<RoutingTable>? Replaced;

    public RoutingTable Current => Volatile.Read(ref _current);

    /// <summary>Takes <paramref name="snapshot"/> over unless it is older than what is known .</summary>
    /// <param name="snapshot">A complete picture.</param>
    /// <param name="generation">What the client routes by afterwards: the value to acknowledge with (TOP-6).</param>
    /// <returns>False when the snapshot was too old.</returns>
    public bool Apply(TopologySnapshot snapshot, out ulong generation)
    {
        RoutingTable table = RoutingTable.From(snapshot); // outside the lock: it may be large
        lock (_gate)
        {
            bool isNewer = !_isKnown || snapshot.Generation >= _current.Generation;
            if (isNewer)
            {
                _isKnown = true;
                Volatile.Write(ref _current, table.KeepingDeclarationsOf(_current));
            }

            generation = _current.Generation;
            if (!isNewer) return false;
            table = _current;
        }

        Tell();
        Replaced?.Invoke(table);
        return true;
    }

    /// <summary>Takes the answer to a question about one channel over, unless it is older than what is known.</summary>
    public void ApplyAnswer(QueueAddress channel, TopologySnapshot answer) => Change(current =>
        answer.Generation < current.Generation || IsSilent(answer, current) ? current : current.With(channel.Key, answer));

    /// <summary>Keeps what a declaration answered until the next snapshot says it too.</summary>
    public void NoteDeclared(QueueAddress channel, ChannelKind kind, uint partitionCount) => Change(current =>
    {
        uint count = Math.Max(1, partitionCount);
        ChannelRouting? known = current.TryFind(channel.Key);
        if (known is null) return current.With(channel.Key, new ChannelRouting(kind, count, partitioningVersion: 0, owners: null));
        return known.PartitionCount == count ? current : current.With(channel.Key, known.WithCount(count));
    });

    /// <summary>Keeps what a redirect said (RDR-2).</summary>
    public void NoteOwner(ChannelKey channel, uint partition, BrokerEndpoint owner) => Change(current =>
    {
        ChannelRouting known = current.Look(channel) ?? ChannelRouting.Unknown;
        return known.OwnerOf(partition) == owner ? current : current.With(channel, known.WithOwner(partition, owner));
    });

    /// <summary>Completes when the table is another one than <paramref name="seen"/>.</summary>
    public Task WhenChangedFromAsync(RoutingTable seen)
    {
        lock (_gate) return ReferenceEquals(_current, seen) ? _changed.Task : Task.CompletedTask;
    }

    private void Change(Func<RoutingTable, RoutingTable> change)
    {
        lock (_gate)
        {
            RoutingTable changed = change(_current);
            if (ReferenceEquals(changed, _current)) return;
            Volatile.Write(ref _current, changed);
        }

        Tell();
    }

    private void Tell()
    {
        TaskCompletionSource signal;
        lock (_gate) (signal, _changed) = (_changed, NewSignal());
        signal.TrySetResult();
    }

    /// <summary>True when the answer names nothing and the broker may simply keep its topology to itself .</summary>
    private static bool IsSilent(TopologySnapshot answer, RoutingTable current) =>
        answer.Queues.Count == 0 && answer.Streams.Count == 0 && !current.IsAuthoritative;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
