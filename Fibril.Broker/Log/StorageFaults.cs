namespace Fibril.Broker.Log;

/// <summary>Tells storage failures apart.</summary>
internal static class StorageFaults
{
    private const int NoSpaceLeft = 28;         // ENOSPC
    private const int QuotaExceeded = 122;      // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>True when the disk has no room: what was written before is well, and trying again later can help.</summary>
    public static bool IsDiskFull(Exception failure) =>
        failure is IOException { HResult: NoSpaceLeft or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull };
}
