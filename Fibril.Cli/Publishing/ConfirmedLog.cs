using System.Buffers.Text;

namespace Fibril.Cli.Publishing;

/// <summary>A file of the numbers of confirmed lines, one per line. A number gets there after its confirmation, never before.</summary>
internal sealed class ConfirmedLog : IDisposable
{
    private const int LongestNumber = 20;

    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _used;
    private bool _hasFailed;

    private ConfirmedLog(FileStream file) => _file = file;

    /// <summary>Opens a file to append to.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static ConfirmedLog Open(string path)
    {
        try
        {
            return new ConfirmedLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failure, $"the log of confirmed lines {path} cannot be written", cause: fault);
        }
    }

    public void Add(long line)
    {
        if (_buffer.Length - _used <= LongestNumber) Flush();
        Utf8Formatter.TryFormat(line, _buffer.AsSpan(_used), out int written);
        _used += written;
        _buffer[_used++] = (byte)'\n';
    }

    /// <summary>Hands what was added to the operating system.</summary>
    /// <exception cref="IOException">It cannot be written. Said once: from then on nothing is, as there would be a gap in front of it.</exception>
    public void Flush()
    {
        int count = _hasFailed ? 0 : _used;
        _used = 0;
        if (count == 0) return;
        _hasFailed = true;
        _file.Write(_buffer, 0, count);
        _hasFailed = false;
    }

    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }
}
