namespace Fibril.Dashboard.Api.Models;

/// <summary>Where a test message went: <c>POST /admin/api/publish</c>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Kind"><c>queue</c> or <c>stream</c>.</param>
/// <param name="Offset">Its place there.</param>
public sealed record PublishedMessage(int Partition, string Kind, long Offset);
