using System.Runtime.InteropServices;

namespace Fibril.Cli.Output;

// The stream of the console would be simpler, but it hides a broken pipe, and a message must not be acknowledged that nobody could read.
// A file stream over the descriptor would keep a position of its own, so that two programs writing to one file overwrite each other.
/// <summary>Standard output as bytes, unbuffered: when a write returns, the operating system has them.</summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private static readonly int WouldBlock = OperatingSystem.IsLinux() ? 11 : 35;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput();

    /// <exception cref="BrokenPipeException">Nobody reads any more. Some of the bytes may have been read before.</exception>
    /// <exception cref="IOException">They cannot be written, for instance because the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written = WriteToDescriptor(Descriptor, buffer, buffer.Length);
            if (written >= 0) buffer = buffer[(int)written..];
            else Recover(Marshal.GetLastPInvokeError());
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Recover(int error)
    {
        if (error == Interrupted) return;
        if (error == BrokenPipe) throw new BrokenPipeException();
        if (error != WouldBlock) throw new IOException($"Standard output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}");
        Thread.Sleep(1); // another program made the terminal or pipe that we share non-blocking, and it is full
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteToDescriptor(int descriptor, ReadOnlySpan<byte> bytes, nint count);
}
