using System.Buffers;

namespace Fibril.Client.Connection;

/// <summary>Frames that wait to be sent and frames being sent: two buffers that change roles. Not thread-safe.</summary>
/// <remarks>Grows by what is appended; the caller decides when it is full. A buffer that one large frame blew up is given back after it.</remarks>
internal sealed class OutputBuffer(int keptBytes)
{
    private const int FirstBytes = 16 << 10;

    private byte[] _filling = new byte[FirstBytes];
    private byte[] _sending = new byte[FirstBytes];
    private bool _fillingIsRented;
    private bool _sendingIsRented;

    /// <summary>Bytes that wait to be sent.</summary>
    public int PendingBytes { get; private set; }

    /// <summary>Room for <paramref name="bytes"/> behind what waits; taken with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int bytes)
    {
        int end = checked(PendingBytes + bytes);
        if (end > _filling.Length) Grow(end);
        return _filling.AsSpan(PendingBytes, bytes);
    }

    public void Advance(int bytes) => PendingBytes += bytes;

    /// <summary>Everything that waits, to be sent now: valid until the next call. Filling goes on in the other buffer.</summary>
    public ArraySegment<byte> Take()
    {
        (_filling, _sending) = (_sending, _filling);
        (_fillingIsRented, _sendingIsRented) = (_sendingIsRented, _fillingIsRented);
        if (_filling.Length > keptBytes && _fillingIsRented) Replace();
        int bytes = PendingBytes;
        PendingBytes = 0;
        return new ArraySegment<byte>(_sending, 0, bytes);
    }

    private void Grow(int bytes)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, (int)Math.Min(2L * _filling.Length, Array.MaxLength)));
        _filling.AsSpan(0, PendingBytes).CopyTo(larger);
        if (_fillingIsRented) ArrayPool<byte>.Shared.Return(_filling);
        _filling = larger;
        _fillingIsRented = true;
    }

    /// <summary>Called when <see cref="_filling"/> holds what was sent already.</summary>
    private void Replace()
    {
        ArrayPool<byte>.Shared.Return(_filling);
        _filling = new byte[FirstBytes];
        _fillingIsRented = false;
    }
}
