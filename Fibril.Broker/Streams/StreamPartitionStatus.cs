using Fibril.Broker.Primitives;

namespace Fibril.Broker.Streams;

/// <summary>One partition of a stream at one moment, as operators see it.</summary>
/// <param name="Id">Which partition.</param>
/// <param name="StartOffset">Offset of the oldest record that is kept.</param>
/// <param name="EndOffset">Offset behind the newest record that readers may see.</param>
/// <param name="SizeBytes">Bytes of all segments.</param>
/// <param name="Subscriptions">Readers.</param>
/// <param name="LiveSubscriptions">Readers that are served from memory (P-54).</param>
/// <param name="LagRecoveries">How often a reader came back to being served from memory, since the partition was loaded.</param>
/// <param name="Lagged">How often retention overtook a reader or a cursor, since the partition was loaded.</param>
/// <param name="Cursors">The cursors, by name.</param>
internal sealed record StreamPartitionStatus(
    PartitionId Id,
    long StartOffset,
    long EndOffset,
    long SizeBytes,
    int Subscriptions,
    int LiveSubscriptions,
    long LagRecoveries,
    long Lagged,
    IReadOnlyList<CursorStatus> Cursors);

/// <summary>One durable cursor (P-71).</summary>
/// <param name="Name">The name that readers give.</param>
/// <param name="Position">The next offset to read.</param>
/// <param name="BehindBy">Records between it and the end.</param>
/// <param name="Readers">Subscriptions that use it now.</param>
/// <param name="IsLagged">True when retention took records that it had not come to, since the partition was loaded.</param>
/// <param name="LastAdvancedMs">When it moved last, in Unix milliseconds; null for never.</param>
internal sealed record CursorStatus(string Name, long Position, long BehindBy, int Readers, bool IsLagged, long? LastAdvancedMs);
