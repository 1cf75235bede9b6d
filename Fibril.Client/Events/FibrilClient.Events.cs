using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Fibril.Client;

public sealed partial class FibrilClient
{
    /// <summary>Shows what happens from now on: brokers that go away, lost and new connections, partitions assigned by consumer groups.</summary>
    /// <param name="cancellationToken">Ends the watching with <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// A sequence to read once, which ends when the client is disposed. Nothing waits for its reader: one who has 256 events unread loses the oldest.
    /// </returns>
    /// <remarks>Events are raised by whichever thread learns of something; reading runs where the reader runs. Any number may watch.</remarks>
    public IAsyncEnumerable<FibrilClientEvent> WatchEventsAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return ReadEventsAsync(_context.Events.Add(), cancellationToken);
    }

    private async IAsyncEnumerable<FibrilClientEvent> ReadEventsAsync(
        Channel<FibrilClientEvent> watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (FibrilClientEvent happened in watcher.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return happened;
        }
        finally
        {
            _context.Events.Remove(watcher);
        }
    }
}
