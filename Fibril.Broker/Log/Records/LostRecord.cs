namespace Fibril.Broker.Log.Records;

/// <summary>Stands in a repaired log for a record that could not be read any more: its offset is taken, and there is nothing in it (S-53).</summary>
internal static class LostRecord
{
    /// <summary>Record kind in every log. On disk: never renumber.</summary>
    public const byte Kind = byte.MaxValue;
}
