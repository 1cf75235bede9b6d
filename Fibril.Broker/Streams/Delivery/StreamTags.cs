namespace Fibril.Broker.Streams.Delivery;

/// <summary>
/// Delivery tags of streams say which record they are of, so that a reader which never settles costs no memory for what it holds (DLV-8).
/// The low bits tell the subscriptions of one session to one partition apart. Tags of offsets below 2^41 stay below 2^53, for clients
/// that count in doubles.
/// </summary>
internal static class StreamTags
{
    private const int SlotBits = 12;

    /// <summary>Slots are numbered from 0 to one less than this.</summary>
    public const int SlotCount = 1 << SlotBits;

    public static ulong Of(long offset, int slot) => ((ulong)offset << SlotBits) | (uint)slot;

    public static int SlotOf(ulong tag) => (int)(tag & (SlotCount - 1));

    public static long OffsetOf(ulong tag) => (long)(tag >> SlotBits);
}
