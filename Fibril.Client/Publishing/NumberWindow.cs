using System.Threading.Channels;

namespace Fibril.Client.Publishing;

/// <summary>Bounds how far the next number may be ahead of the oldest that may still be sent again. Thread-safe.</summary>
/// <remarks>
/// Brokers remember the newest numbers of a producer. A bound on unconfirmed messages alone would not do: one that is stuck may fall behind any number
/// of others that are confirmed at once.
/// </remarks>
/// <param name="width">Most numbers from the oldest up.</param>
internal sealed class NumberWindow(int width)
{
    private readonly Lock _gate = new();
    private readonly Channel<byte> _places = Channel.CreateBounded<byte>(width); // a byte for each number from the oldest up
    private readonly bool[] _isDone = new bool[width];
    private ulong _oldest;

    /// <summary>Waits for a place, which is for the next number, in the order of the calls.</summary>
    public ValueTask EnterAsync(CancellationToken cancellationToken) => _places.Writer.WriteAsync(0, cancellationToken);

    /// <summary>Gives a place back for which no number was taken.</summary>
    public void Leave() => _places.Reader.TryRead(out _);

    /// <summary>The message with this number is not sent again. Its place is free when that holds for all older ones too.</summary>
    public void Finish(ulong number)
    {
        lock (_gate)
        {
            DoneAt(number) = true;
            for (; DoneAt(_oldest); _oldest++)
            {
                DoneAt(_oldest) = false;
                Leave();
            }
        }
    }

    private ref bool DoneAt(ulong number) => ref _isDone[(int)(number % (ulong)width)];
}
