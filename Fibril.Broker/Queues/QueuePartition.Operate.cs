using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// What operators do to a partition. All of it is carried out on the loop, and answered from there.
internal sealed partial class QueuePartition
{
    private bool _isSealed;
    private CloseReason _closeReason;
    private string? _closeText;

    /// <summary>Messages that are neither settled nor refused, as of the end of the last turn. Thread-safe.</summary>
    public long ActiveCount => Volatile.Read(ref _activeCount);

    private long _activeCount;

    /// <summary>Leases no more messages, if none is leased now; answers how many are. Thread-safe.</summary>
    public async Task<int> TrySealAsync()
    {
        try
        {
            return await ChangeAsync(static partition => partition.Seal(), alsoInOutage: true);
        }
        catch (PartitionNotServingException)
        {
            return 0; // it leases nothing to anybody
        }
    }

    /// <summary>Leases messages again. Thread-safe.</summary>
    public async Task UnsealAsync()
    {
        try
        {
            await ChangeAsync(static partition => partition._isSealed = false, alsoInOutage: true);
        }
        catch (PartitionNotServingException)
        {
            // Then there is nothing to open.
        }
    }

    /// <summary>Settles messages that nobody holds; those that are leased stay. Thread-safe.</summary>
    /// <returns>How many were settled, when that is durable.</returns>
    /// <exception cref="PartitionNotServingException">Nothing was settled.</exception>
    public Task<long> PurgeAsync(PurgeScope scope = PurgeScope.All) => ChangeAsync(partition => partition._state.Purge(scope), waitsForDisk: true);

    /// <summary>Closes the partition for good: subscriptions end with a reason, publishes are refused with the text. Thread-safe.</summary>
    public Task CloseAsync(CloseReason reason, string text)
    {
        _closeReason = reason;
        Volatile.Write(ref _closeText, text);
        return StopAsync();
    }

    private int Seal()
    {
        if (_state.LeasedCount == 0) _isSealed = true;
        return _state.LeasedCount;
    }
}
