using System.Buffers;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>Bytes that arrived, parsed where they lie. Belongs to the receive loop.</summary>
internal sealed class ReceiveBuffer(int maxFrameBytes) : IDisposable
{
    private const int UsualBytes = 256 << 10;
    private const int LeastRoomBytes = UsualBytes / 4;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _start;
    private int _end;

    /// <summary>The first frame when all of it is there. The body is a view, valid until <see cref="GetRoom"/>.</summary>
    /// <exception cref="FibrilProtocolException">The frame is larger than what is accepted; nothing behind it can be read.</exception>
    public bool TryPeek(out FrameHeader header, out ReadOnlySpan<byte> body)
    {
        body = default;
        ReadOnlySpan<byte> unread = _bytes.AsSpan(_start, _end - _start);
        if (!FrameHeader.TryRead(unread, out header)) return false;
        if (header.BodyBytes > maxFrameBytes)
        {
            throw new FibrilProtocolException(
                $"The peer announced a frame of {header.BodyBytes} bytes; {nameof(FibrilClientOptions.MaxFrameBytes)} allows {maxFrameBytes}. "
                + "It may not be a Fibril broker, or the messages are larger than this client was told to accept.");
        }

        if (unread.Length - FrameHeader.Size < (int)header.BodyBytes) return false;
        body = unread.Slice(FrameHeader.Size, (int)header.BodyBytes);
        return true;
    }

    /// <summary>Steps over the frame that <see cref="TryPeek"/> showed.</summary>
    public void Skip(in FrameHeader header) => _start += FrameHeader.Size + (int)header.BodyBytes;

    /// <summary>Where to receive into: room for the rest of an incomplete frame, and usually for many more.</summary>
    public Memory<byte> GetRoom()
    {
        int unread = _end - _start;
        if (unread == 0 && _bytes.Length > 2 * UsualBytes) Exchange(UsualBytes, unread);
        else if (NeededBytes(unread) is var needed && needed > _bytes.Length) Exchange(needed, unread);
        else if (_start > 0 && (unread == 0 || _bytes.Length - _end < LeastRoomBytes)) MoveToFront(unread);
        return _bytes.AsMemory(_end);
    }

    public void Advance(int bytes) => _end += bytes;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }

    private int NeededBytes(int unread) => FrameHeader.TryRead(_bytes.AsSpan(_start, unread), out FrameHeader header)
        ? FrameHeader.Size + (int)header.BodyBytes
        : FrameHeader.Size;

    private void MoveToFront(int unread)
    {
        _bytes.AsSpan(_start, unread).CopyTo(_bytes);
        _start = 0;
        _end = unread;
    }

    private void Exchange(int bytes, int unread)
    {
        byte[] other = ArrayPool<byte>.Shared.Rent(bytes);
        _bytes.AsSpan(_start, unread).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = other;
        _start = 0;
        _end = unread;
    }
}
