using System.Numerics;

namespace Fibril.Client.Connection;

/// <summary>
/// The requests that wait for an answer, at the place their id points to. Ids only grow, and an id whose place is taken is skipped: ids need
/// not be consecutive.
/// </summary>
/// <remarks>
/// Places are filled by one writer at a time, under the connection's lock, and emptied by the receive loop alone. So neither needs the other's
/// lock: the writer only uses places it sees empty, and a place is emptied before it is counted as free.
/// </remarks>
internal sealed class PendingReplies(int capacity, ulong firstId)
{
    private readonly PendingReply?[] _places = new PendingReply?[(int)BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private ulong _nextId = firstId;
    private int _count;

    /// <summary>Requests that wait. Places that the receive loop has emptied count until <see cref="Release"/>.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>False when a further request has to wait.</summary>
    public bool HasRoom => Count < _places.Length;

    /// <summary>Every place, for those who look through all of them.</summary>
    public ReadOnlySpan<PendingReply?> Places => _places;

    /// <summary>An id for a frame that nobody answers. Under the lock.</summary>
    public ulong NextId() => _nextId++;

    /// <summary>Gives <paramref name="reply"/> an id and its place. Under the lock, and only when there is room.</summary>
    public ulong Add(PendingReply reply)
    {
        ulong id = _nextId;
        while (Volatile.Read(ref _places[IndexOf(id)]) is not null) id++;
        _nextId = id + 1;
        reply.Id = id;
        Volatile.Write(ref _places[IndexOf(id)], reply);
        Interlocked.Increment(ref _count);
        return id;
    }

    /// <summary>Takes a request out of its place; null when no request has this id. Receive loop only.</summary>
    public PendingReply? Take(ulong id)
    {
        ref PendingReply? place = ref _places[IndexOf(id)];
        PendingReply? reply = Volatile.Read(ref place);
        if (reply is null || reply.Id != id) return null;
        Volatile.Write(ref place, null);
        return reply;
    }

    /// <summary>Counts places as free that <see cref="Take"/> emptied.</summary>
    public void Release(int taken) => Interlocked.Add(ref _count, -taken);

    private int IndexOf(ulong id) => (int)(id & (uint)(_places.Length - 1));
}
