using Fibril.Client;

namespace Fibril.Cli.Publishing;

/// <summary>Confirmations that are awaited, in the order of publishing, at most so many. Not thread-safe.</summary>
internal sealed class InFlight(int capacity)
{
    private readonly PublishConfirmation[] _ring = new PublishConfirmation[capacity];
    private int _first;
    private Task? _oldest;

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    /// <summary>True when <see cref="Take"/> will not wait.</summary>
    public bool HasOutcome => Count > 0 && (_oldest?.IsCompleted ?? _ring[_first].IsCompleted);

    public void Add(PublishConfirmation confirmation)
    {
        int index = _first + Count++;
        _ring[index < capacity ? index : index - capacity] = confirmation;
    }

    /// <summary>Completes when the oldest has an outcome, with its error if it has one; <see cref="Take"/> tells it again. There must be one.</summary>
    public Task WhenOldestHasOutcome() => _oldest ??= _ring[_first].AsTask();

    /// <summary>Takes the oldest, which must have an outcome.</summary>
    /// <returns>Null when it was confirmed, else why not.</returns>
    public Exception? Take()
    {
        Task? oldest = _oldest;
        PublishConfirmation confirmation = _ring[_first];
        _oldest = null;
        _ring[_first] = default;
        _first = _first + 1 < capacity ? _first + 1 : 0;
        Count--;
        try
        {
            if (oldest is null) confirmation.GetAwaiter().GetResult();
            else oldest.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
