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

    /// <summary>Carries something out on the loop. Thread-safe.</summary>
    public async Task<TResult> AskAsync<TResult>(Func<QueuePartition, TResult> act)
    {
        var command = new QueryCommand<TResult>(act);
        await PostAsync(command, CancellationToken.None);
        return await command.Answer;
    }

    /// <summary>Leases no more messages, if none is leased now; answers how many are. Thread-safe.</summary>
    public Task<int> TrySealAsync() => AskAsync(static partition =>
    {
        if (partition._state.LeasedCount == 0) partition._isSealed = true;
        return partition._state.LeasedCount;
    });

    /// <summary>Leases messages again. Thread-safe.</summary>
    public void Unseal() => _ = AskAsync(static partition => partition._isSealed = false);

    /// <summary>Settles every message that nobody holds; those that are leased stay. Answers how many were settled. Thread-safe.</summary>
    /// <exception cref="IOException">The partition does not serve now; nothing was settled.</exception>
    public Task<long> PurgeAsync() => AskAsync(static partition =>
    {
        partition.ThrowUnlessServing();
        return partition._state.Purge();
    });

    /// <summary>Closes the partition for good: subscriptions end with a reason, publishes are refused with the text. Thread-safe.</summary>
    public Task CloseAsync(CloseReason reason, string text)
    {
        _closeReason = reason;
        Volatile.Write(ref _closeText, text);
        return StopAsync();
    }

    /// <exception cref="IOException">Says why.</exception>
    private void ThrowUnlessServing()
    {
        if ((_parkedBecause ?? _outage?.Text) is { } text) throw new IOException(text);
    }
}
