using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Fibril.Bench.Load;

/// <summary>Payloads that say who sent them, which one they are, and when they were due; the rest is filler.</summary>
internal static class Numbered
{
    public const int HeaderBytes = 20;

    public static void Write(Span<byte> payload, int producer, long number, long timestamp)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, producer);
        BinaryPrimitives.WriteInt64LittleEndian(payload[4..], number);
        BinaryPrimitives.WriteInt64LittleEndian(payload[12..], timestamp);
    }

    public static (int Producer, long Number, long Timestamp) Read(ReadOnlySpan<byte> payload) => (
        BinaryPrimitives.ReadInt32LittleEndian(payload),
        BinaryPrimitives.ReadInt64LittleEndian(payload[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(payload[12..]));
}

/// <summary>Counts what arrived, and how often; a run with anything missing is void. Thread-safe.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<int, Track> _tracks = new();

    public long Count => _tracks.Values.Sum(static track => track.Distinct);

    public long Duplicates => _tracks.Values.Sum(static track => track.Duplicates);

    public void Note(int producer, long number) => _tracks.GetOrAdd(producer, static _ => new Track()).Note(number);

    /// <summary>How many of the first <paramref name="sent"/> messages of a producer did not arrive.</summary>
    public long Missing(int producer, long sent) => sent - (_tracks.TryGetValue(producer, out Track? track) ? track.DistinctBelow(sent) : 0);

    private sealed class Track
    {
        private readonly Lock _gate = new();
        private ulong[] _seen = new ulong[1024];

        public long Distinct { get; private set; }

        public long Duplicates { get; private set; }

        public void Note(long number)
        {
            lock (_gate)
            {
                int word = (int)(number >> 6);
                if (word >= _seen.Length) Array.Resize(ref _seen, Math.Max(word + 1, _seen.Length * 2));
                ulong bit = 1UL << (int)(number & 63);
                if ((_seen[word] & bit) != 0)
                {
                    Duplicates++;
                    return;
                }

                _seen[word] |= bit;
                Distinct++;
            }
        }

        public long DistinctBelow(long end)
        {
            long count = 0;
            for (long number = 0; number < end; number++)
            {
                int word = (int)(number >> 6);
                if (word < _seen.Length && (_seen[word] & (1UL << (int)(number & 63))) != 0) count++;
            }

            return count;
        }
    }
}
