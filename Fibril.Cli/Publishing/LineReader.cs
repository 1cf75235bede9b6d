namespace Fibril.Cli.Publishing;

/// <summary>Splits bytes into lines where they lie. Not thread-safe; nothing is allocated per line.</summary>
/// <remarks>
/// A line ends with LF; CR in front of it belongs to the end. What follows the last LF is a line too, unless it is empty. Bytes are not
/// interpreted otherwise: NUL and what is no UTF-8 pass untouched, and so does a CR anywhere else.
/// </remarks>
internal sealed class LineReader
{
    private readonly Stream _input;
    private readonly int _maxLineBytes;
    private byte[] _bytes;
    private int _start;    // of the line that is next
    private int _scanned;  // up to here there is no LF
    private int _end;
    private bool _isAtEnd;

    /// <param name="input">Read from, not disposed.</param>
    /// <param name="maxLineBytes">Longest accepted line; the buffer grows up to it.</param>
    /// <param name="bufferBytes">Size of the buffer as long as lines are shorter.</param>
    public LineReader(Stream input, int maxLineBytes, int bufferBytes = 256 << 10)
    {
        _input = input;
        _maxLineBytes = maxLineBytes;
        _bytes = new byte[bufferBytes];
    }

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The next line when all of it is there. A view, valid until <see cref="BeginFill"/> or <see cref="Fill"/>.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int length = _bytes.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        if (length >= 0)
        {
            int lineEnd = _scanned + length;
            line = WithoutReturn(_bytes.AsSpan(_start, lineEnd - _start));
            _start = _scanned = lineEnd + 1;
            return true;
        }

        _scanned = _end;
        line = _bytes.AsSpan(_start, _end - _start);
        if (!_isAtEnd || line.IsEmpty) return false;
        _start = _end;
        return true;
    }

    /// <summary>Reads more, now; false at the end, when <see cref="TryRead"/> has returned all.</summary>
    /// <exception cref="CliException">The line is too long.</exception>
    public bool Fill()
    {
        if (_isAtEnd) return false;
        EndFill(_input.Read(GetRoom().Span));
        return true;
    }

    /// <summary>Starts reading more, into a buffer that must be left alone until <see cref="EndFill"/>; null at the end.</summary>
    /// <exception cref="CliException">The line is too long.</exception>
    public Task<int>? BeginFill() => _isAtEnd ? null : _input.ReadAsync(GetRoom()).AsTask();

    /// <summary>Takes over what <see cref="BeginFill"/> has read.</summary>
    public void EndFill(int count)
    {
        _end += count;
        BytesRead += count;
        _isAtEnd = count == 0;
    }

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;

    private Memory<byte> GetRoom()
    {
        int unread = _end - _start;
        if (unread > _maxLineBytes + 1) // with the CR that does not count
        {
            throw new CliException(
                ExitCode.Failure, $"a line is longer than {_maxLineBytes} bytes, the most that fits into one message",
                "Send a file as one message with --file alone, or split it.");
        }

        if (_start > 0)
        {
            _bytes.AsSpan(_start, unread).CopyTo(_bytes);
            _scanned -= _start;
            _start = 0;
            _end = unread;
        }

        if (unread > _bytes.Length / 2) Array.Resize(ref _bytes, (int)Math.Min(2L * _bytes.Length, _maxLineBytes + 2L + (256 << 10)));
        return _bytes.AsMemory(_end);
    }
}
