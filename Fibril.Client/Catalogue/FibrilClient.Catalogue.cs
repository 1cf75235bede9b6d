using System.Runtime.CompilerServices;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;

namespace Fibril.Client;

public sealed partial class FibrilClient
{
    /// <summary>The queues and streams that are known now. Asks nobody: brokers say by themselves what changes.</summary>
    public CatalogueSnapshot Catalogue => new(Routing);

    /// <summary>Shows which channels come, go, and are split anew.</summary>
    /// <param name="since">What the first changes are compared with; null for the catalogue of this moment.</param>
    /// <param name="cancellationToken">Ends the watching with <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// A sequence without an end. Nothing gathers for a reader who is late: the next changes are those between what it saw last and what is there
    /// then, so what came and went meanwhile is not shown.
    /// </returns>
    public IAsyncEnumerable<CatalogueChange> WatchCatalogueAsync(CatalogueSnapshot? since = null, CancellationToken cancellationToken = default) =>
        WatchCatalogueAsync((since ?? Catalogue).Table, cancellationToken);

    /// <summary>Receives from every queue whose topic matches, and from those that come to match later.</summary>
    /// <param name="pattern">A topic in which <c>*</c> stands for any run of characters, also none. Queues of the group in the options only.</param>
    /// <param name="options">For each of the queues; null for the defaults. Always supervised.</param>
    /// <param name="cancellationToken">Gives up waiting for the brokers.</param>
    /// <returns>A subscription to all that match now; one that cannot be subscribed to is tried again, and the log says why.</returns>
    /// <exception cref="ArgumentException">The pattern is empty, the group is no name, or an option makes no sense.</exception>
    public Task<PatternSubscription> SubscribePatternAsync(
        string pattern, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? new SubscribeOptions()).Validated();
        options.Supervised = true;
        string? group = QueueAddress.NormaliseGroup(options.Group);
        return StartAsync(
            new TopicPattern(pattern, ChannelKind.Queue, group), topic => options.ToSpec(QueueAddress.Create(topic, group)), canDrop: !options.AutoAck, cancellationToken);
    }

    /// <summary>Reads every stream whose topic matches, and those that come to match later: they are read from their beginning.</summary>
    /// <param name="pattern">A topic in which <c>*</c> stands for any run of characters, also none.</param>
    /// <param name="options">For each of the streams; null for the defaults. Always supervised.</param>
    /// <param name="cancellationToken">Gives up waiting for the brokers.</param>
    /// <returns>A subscription to all that match now; one that cannot be subscribed to is tried again, and the log says why.</returns>
    /// <exception cref="ArgumentException">The pattern is empty, or an option makes no sense.</exception>
    public Task<PatternSubscription> SubscribeStreamPatternAsync(
        string pattern, StreamSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? new StreamSubscribeOptions()).Validated();
        options.Supervised = true;
        return StartAsync(
            new TopicPattern(pattern, ChannelKind.Stream, group: null), topic => options.ToSpec(QueueAddress.Create(topic, group: null)),
            canDrop: false, cancellationToken);
    }

    private async IAsyncEnumerable<CatalogueChange> WatchCatalogueAsync(
        RoutingTable seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await _context.Topology.WhenChangedFromAsync(seen).WaitAsync(cancellationToken).ConfigureAwait(false);
            RoutingTable now = Routing;
            foreach (CatalogueChange change in CatalogueSnapshot.Differences(seen, now))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return change;
            }

            seen = now;
        }
    }

    private async Task<PatternSubscription> StartAsync(
        TopicPattern pattern, Func<string, SubscriptionSpec> specFor, bool canDrop, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        await EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new PatternSubscription(_services, pattern, specFor, canDrop, Forget);
        await subscription.StartAsync(cancellationToken).ConfigureAwait(false);
        if (Remember(subscription)) return subscription;
        await subscription.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(FibrilClient));
    }
}
