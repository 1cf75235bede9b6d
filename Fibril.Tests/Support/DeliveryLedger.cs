using System.Buffers.Binary;
using Fibril.Client;

namespace Fibril.Tests.Support;

/// <summary>Numbered messages that prove themselves, and the account of what was confirmed and what arrived. Thread-safe.</summary>
internal sealed class DeliveryLedger
{
    private const int NumberBytes = 12;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Producer, long Number), long> _confirmed = [];
    private readonly Dictionary<(int Producer, long Number), (int Partition, long Offset)> _received = [];
    private readonly Dictionary<(int Partition, long Offset), (int Producer, long Number)> _places = [];
    private readonly List<string> _wrong = [];
    private int _missing;
    private int _redelivered;
    private int _awaitedCount = int.MaxValue;
    private TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int ConfirmedCount
    {
        get
        {
            lock (_gate) return _confirmed.Count;
        }
    }

    /// <summary>Confirmed messages that have not arrived yet.</summary>
    public int MissingCount
    {
        get
        {
            lock (_gate) return _missing;
        }
    }

    /// <summary>What arrived and is not what was sent: altered, moved, or stored twice.</summary>
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
            if (_confirmed.Count == _awaitedCount) _awaited.SetResult();
            if (!_received.TryGetValue((producer, number), out var place)) _missing++;
            else CompareOffsets(producer, number, offset, place);
        }
    }

    public void Receive(ReceivedMessage message)
    {
        ReadOnlySpan<byte> payload = message.Payload.Span;
        (int Partition, long Offset) place = (message.Partition, message.Offset);
        int producer = payload.Length < NumberBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(payload);
        long number = producer < 0 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        bool isWhole = producer >= 0 && payload.SequenceEqual(PayloadOf(producer, number));
        lock (_gate)
        {
            if (!isWhole) _wrong.Add($"{place} has a payload nobody sent");
            else if (_places.TryAdd(place, (producer, number))) NoteFirst(producer, number, place);
            else if (_places[place] == (producer, number)) _redelivered++;
            else _wrong.Add($"{place} held {_places[place]} and then {(producer, number)}");
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return $"{_confirmed.Count} confirmed, {_received.Count} received, {_redelivered} redelivered, "
                + $"{_missing} missing, {_wrong.Count} altered";
        }
    }

    private void NoteFirst(int producer, long number, (int Partition, long Offset) place)
    {
        if (!_received.TryAdd((producer, number), place)) _wrong.Add($"{producer}/{number} is at {_received[(producer, number)]} and at {place}");
        if (!_confirmed.TryGetValue((producer, number), out long offset)) return;
        _missing--;
        CompareOffsets(producer, number, offset, place);
    }

    private void CompareOffsets(int producer, long number, long confirmed, (int Partition, long Offset) place)
    {
        if (confirmed != place.Offset) _wrong.Add($"{producer}/{number} was confirmed at offset {confirmed} and came from {place}");
    }
}
