using Microsoft.Win32.SafeHandles;

namespace Fibril.Broker.Log.Files;

/// <summary>One open file of the operating system.</summary>
internal sealed class PhysicalFile : IStorageFile
{
    private readonly SafeFileHandle _handle;

    public PhysicalFile(string path, FileMode mode, bool isPrivate = false)
    {
        _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            // Before there is anything in it to read.
            if (isPrivate && !OperatingSystem.IsWindows()) File.SetUnixFileMode(_handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(Span<byte> buffer, long position)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = RandomAccess.Read(_handle, buffer[total..], position + total);
            if (read == 0) break;
            total += read;
        }

        return total;
    }

    public void Write(ReadOnlySpan<byte> data, long position) => RandomAccess.Write(_handle, data, position);

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long position)
    {
        if (data.Count == 1) RandomAccess.Write(_handle, data[0].Span, position);
        else RandomAccess.Write(_handle, data, position);
    }

    public void Reserve(long length)
    {
        long current = Length;
        if (length <= current) return;
        bool reserved = OperatingSystem.IsLinux() && NativeFile.TryReserve(_handle, current, length - current);
        if (!reserved) RandomAccess.SetLength(_handle, length);
    }

    public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    public void Sync()
    {
        if (OperatingSystem.IsLinux()) NativeFile.SyncData(_handle);
        else RandomAccess.FlushToDisk(_handle);
    }

    public void Dispose() => _handle.Dispose();
}
