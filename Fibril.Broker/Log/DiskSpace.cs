namespace Fibril.Broker.Log;

/// <summary>Room on a disk.</summary>
/// <param name="FreeBytes">What the broker may still use.</param>
/// <param name="TotalBytes">Size of the disk.</param>
internal readonly record struct DiskSpace(long FreeBytes, long TotalBytes);
