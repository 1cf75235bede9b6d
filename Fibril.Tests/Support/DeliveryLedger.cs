using System.Buffers.Binary;
using System.Diagnostics;
using Fibril.Client;

namespace Fibril.Tests.Support;

/// <summary>How a consumer settled a message last.</summary>
internal enum LedgerFate
{
    Seen,
    Completed,
    Failed,
    Retried,
}

/// <summary>Numbered messages that prove themselves, and the account of what was confirmed, arrived, was settled and died. Thread-safe.</summary>
internal sealed class DeliveryLedger
{
    /// <summary>
    /// A settlement that the broker has acted upon is on the disk within 50 ms; this is as long before a kill that no settlement can be
    /// on its way any more, whatever else the machine has to do.
    /// </summary>
    public static readonly TimeSpan SettlementWindow = TimeSpan.FromSeconds(1);

    private const int NumberBytes = 12;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Producer, long Number), long> _confirmed = [];
    private readonly Dictionary<(int Producer, long Number), (int Partition, long Offset)> _received = [];
    private readonly Dictionary<(int Partition, long Offset), (int Producer, long Number)> _places = [];
    private readonly Dictionary<(int Partition, long Offset), (LedgerFate Fate, int Life, long At)> _fates = [];
    private readonly HashSet<(int Producer, long Number)> _dead = [];
    private readonly List<string> _wrong = [];
    private int _notArrived; // confirmed messages
    private int _notDead; // failed messages
    private int _redelivered;
    private int _deadTwice;
    private int _awaitedCount = int.MaxValue;
    private readonly List<long> _kills = [];
    private TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int ConfirmedCount
    {
        get
        {
            lock (_gate) return _confirmed.Count;
        }
    }

    /// <summary>Confirmed messages that arrived neither in the queue nor as dead letters, and those that failed for good and did not arrive as such.</summary>
    public int MissingCount
    {
        get
        {
            lock (_gate) return _notArrived + _notDead;
        }
    }

    /// <summary>What arrived and is not what was sent: altered, moved, stored twice, or delivered again although it was settled for good.</summary>
    public IReadOnlyList<string> Wrong
    {
        get
        {
            lock (_gate) return [.. _wrong];
        }
    }

    /// <summary>The only right payload of a message: its number, then bytes that follow from it, up to 2,000.</summary>
    public static byte[] PayloadOf(int producer, long number)
    {
        var random = new Random((producer * 1_000_003) + (int)number);
        var payload = new byte[NumberBytes + random.Next(2000)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, producer);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(4), number);
        random.NextBytes(payload.AsSpan(NumberBytes));
        return payload;
    }

    /// <summary>Completes when so many messages are confirmed. One at a time.</summary>
    public Task WhenConfirmedAsync(int count)
    {
        lock (_gate)
        {
            _awaitedCount = count;
            _awaited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _awaited.Task;
        }
    }

    public void Confirm(int producer, long number, long offset)
    {
        lock (_gate)
        {
            _confirmed.Add((producer, number), offset);
            if (!_received.ContainsKey((producer, number)) && !_dead.Contains((producer, number))) _notArrived++;
            if (_confirmed.Count == _awaitedCount) _awaited.SetResult();
            if (_received.TryGetValue((producer, number), out var place)) CompareOffsets(producer, number, offset, place);
        }
    }

    public void Receive(ReceivedMessage message)
    {
        (int Partition, long Offset) place = (message.Partition, message.Offset);
        (int Producer, long Number)? identity = Identify(message);
        lock (_gate)
        {
            if (identity is not { } sent)
            {
                _wrong.Add($"{place} has a payload nobody sent");
                return;
            }

            if (_places.TryAdd(place, sent)) NoteFirst(sent, place);
            else if (_places[place] == sent) NoteAgain(place);
            else _wrong.Add($"{place} held {_places[place]} and then {sent}");
            SetFate(place, LedgerFate.Seen, _kills.Count);
        }
    }

    /// <summary>A dead letter arrived, where a copy of a copy is allowed and a stranger is not.</summary>
    public void ReceiveDead(ReceivedMessage message)
    {
        (int Producer, long Number)? identity = Identify(message);
        lock (_gate)
        {
            if (identity is not { } sent) _wrong.Add($"dead letter {message.Offset} has a payload nobody sent");
            else if (!_dead.Add(sent)) _deadTwice++;
            else NoteDead(sent);
        }
    }

    /// <summary>Number of the broker's present life.</summary>
    public int Life
    {
        get
        {
            lock (_gate) return _kills.Count;
        }
    }

    /// <summary>A consumer has settled what it received last from this place, in one life of the broker.</summary>
    public void Settle(ReceivedMessage message, LedgerFate fate, int life)
    {
        lock (_gate) SetFate((message.Partition, message.Offset), fate, life);
    }

    /// <summary>The broker is about to be killed.</summary>
    public void NoteKill()
    {
        lock (_gate) _kills.Add(Stopwatch.GetTimestamp());
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return $"{_confirmed.Count} confirmed, {_received.Count} received, {_redelivered} redelivered, {_dead.Count} dead letters and "
                + $"{_deadTwice} more copies of them, {_notArrived + _notDead} missing, {_wrong.Count} wrong";
        }
    }

    private static (int Producer, long Number)? Identify(ReceivedMessage message)
    {
        ReadOnlySpan<byte> payload = message.Payload.Span;
        if (payload.Length < NumberBytes) return null;
        int producer = BinaryPrimitives.ReadInt32LittleEndian(payload);
        long number = BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        return producer >= 0 && payload.SequenceEqual(PayloadOf(producer, number)) ? (producer, number) : null;
    }

    private void NoteFirst((int Producer, long Number) sent, (int Partition, long Offset) place)
    {
        if (!_received.TryAdd(sent, place)) _wrong.Add($"{sent} is at {_received[sent]} and at {place}");
        if (!_confirmed.TryGetValue(sent, out long offset)) return;
        CompareOffsets(sent.Producer, sent.Number, offset, place);
        if (!_dead.Contains(sent)) _notArrived--;
    }

    private void NoteDead((int Producer, long Number) sent)
    {
        if (!_received.TryGetValue(sent, out (int, long) place))
        {
            if (_confirmed.ContainsKey(sent)) _notArrived--;
        }
        else if (_fates[place].Fate == LedgerFate.Failed)
        {
            _notDead--;
        }
    }

    private void SetFate((int Partition, long Offset) place, LedgerFate fate, int life)
    {
        if (!_dead.Contains(_places[place]))
        {
            if (_fates.TryGetValue(place, out (LedgerFate Fate, int, long) before) && before.Fate == LedgerFate.Failed) _notDead--;
            if (fate == LedgerFate.Failed) _notDead++;
        }

        _fates[place] = (fate, life, Stopwatch.GetTimestamp());
    }

    private void NoteAgain((int Partition, long Offset) place)
    {
        _redelivered++;
        (LedgerFate fate, int life, long at) = _fates[place];
        bool isFinal = fate is LedgerFate.Completed or LedgerFate.Failed;
        if (!isFinal || life >= _kills.Count) return;

        // A client goes on for a while after the broker was killed: what it settles then is before no kill.
        TimeSpan before = Stopwatch.GetElapsedTime(at, _kills[life]);
        if (before > SettlementWindow) _wrong.Add($"{place} was {fate} {before} before the kill, and came again");
    }

    private void CompareOffsets(int producer, long number, long confirmed, (int Partition, long Offset) place)
    {
        if (confirmed != place.Offset) _wrong.Add($"{producer}/{number} was confirmed at offset {confirmed} and came from {place}");
    }
}
