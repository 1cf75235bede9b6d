namespace Fibril.Protocol;

/// <summary>When records of a stream are delivered and confirmed. Frozen, and closed: an unknown value is malformed.</summary>
public enum Durability : byte
{
    /// <summary>Delivered and confirmed as soon as the offset is assigned; written without a sync.</summary>
    Ephemeral = 0,
    /// <summary>Delivered as soon as the offset is assigned, with a mark; confirmed when durable on the owner.</summary>
    Speculative = 1,
    /// <summary>Delivered when durable; confirmed when durable and replicated as configured. What clients declare by default.</summary>
    Durable = 2,
}
