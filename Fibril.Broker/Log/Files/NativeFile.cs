using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fibril.Broker.Log.Files;

/// <summary>
/// The three calls the base class library does not offer: a sync of data without timestamps, real space for a file, and a sync of
/// a directory. Linux only; elsewhere the portable calls of <see cref="PhysicalFileSystem"/> serve.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class NativeFile
{
    private const int InterruptedError = 4;
    private const int NotSupportedError = 95;
    private const int InvalidError = 22;
    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;

    public static void SyncData(SafeFileHandle file)
    {
        while (FDataSync(file) != 0) ThrowUnlessInterrupted(Marshal.GetLastPInvokeError(), "fdatasync");
    }

    /// <summary>False when the file system cannot reserve space.</summary>
    public static bool TryReserve(SafeFileHandle file, long position, long length)
    {
        // Unlike most calls this one returns its error.
        while (true)
        {
            int error = PosixFallocate(file, position, length);
            if (error == 0) return true;
            if (error is NotSupportedError or InvalidError) return false;
            ThrowUnlessInterrupted(error, "posix_fallocate");
        }
    }

    public static void SyncDirectory(string path)
    {
        int descriptor = Open(path, OpenReadOnly | OpenDirectory | OpenCloseOnExec);
        if (descriptor < 0) ThrowUnlessInterrupted(Marshal.GetLastPInvokeError(), $"open directory {path}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (FSync(handle) != 0) ThrowUnlessInterrupted(Marshal.GetLastPInvokeError(), $"fsync directory {path}");
    }

    private static void ThrowUnlessInterrupted(int error, string what)
    {
        if (error == InterruptedError) return;
        throw new IOException($"{what} failed: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(SafeFileHandle file, long position, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
