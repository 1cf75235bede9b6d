using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Queues;

/// <summary>The orders of the partitions of a queue. The broker tells all of them at once, so the page sorts.</summary>
public static class PartitionOrder
{
    /// <param name="partitions">Of one queue.</param>
    /// <param name="sort">The name of an order, with - before it for the largest first. By number when it is unknown.</param>
    public static IReadOnlyList<PartitionRow> Sorted(IReadOnlyList<PartitionRow> partitions, string? sort)
    {
        Func<PartitionRow, long> value = sort?.TrimStart('-') switch
        {
            "ready" => static row => row.State.ReadyCount,
            "leased" => static row => row.State.InflightCount,
            "oldest" => static row => row.State.OldestReadyMs ?? long.MaxValue,
            "settled" => static row => row.State.SettledUntil,
            "bytes" => static row => row.MessageBytes + row.EventBytes,
            _ => static row => row.Partition,
        };
        return sort?.StartsWith('-') == true
            ? [.. partitions.OrderByDescending(value).ThenBy(static row => row.Partition)]
            : [.. partitions.OrderBy(value).ThenBy(static row => row.Partition)];
    }
}
