using System.Buffers;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

/// <summary>Takes frames off the front of what was received. A frame in one piece is viewed in place; one across blocks is copied together.</summary>
internal sealed class FrameReader
{
    private const int KeptScratchBytes = 256 << 10;

    private byte[] _scratch = [];

    /// <summary>Takes the next whole frame off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What was received; advanced past the frame.</param>
    /// <param name="maxBodyBytes">Larger bodies are not waited for.</param>
    /// <param name="header">The header, as soon as it is there.</param>
    /// <param name="body">Valid until the next call.</param>
    public FrameStatus TryTake(ref ReadOnlySequence<byte> buffer, int maxBodyBytes, out FrameHeader header, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (!TryReadHeader(buffer, out header)) return FrameStatus.Incomplete;
        if (header.BodyBytes > (uint)maxBodyBytes) return FrameStatus.TooLarge;

        long frameBytes = FrameHeader.Size + header.BodyBytes;
        if (buffer.Length < frameBytes) return FrameStatus.Incomplete;

        ReadOnlyMemory<byte> first = buffer.First;
        body = first.Length >= frameBytes
            ? first.Slice(FrameHeader.Size, (int)header.BodyBytes)
            : CopyTogether(buffer.Slice(FrameHeader.Size, header.BodyBytes));
        buffer = buffer.Slice(frameBytes);
        return FrameStatus.Complete;
    }

    /// <summary>Gives memory back after a large frame.</summary>
    public void Trim()
    {
        if (_scratch.Length > KeptScratchBytes) ReleaseScratch();
    }

    /// <summary>Gives all memory back; the last body is not valid any more.</summary>
    public void ReleaseScratch()
    {
        if (_scratch.Length > 0) ArrayPool<byte>.Shared.Return(_scratch);
        _scratch = [];
    }

    private static bool TryReadHeader(in ReadOnlySequence<byte> buffer, out FrameHeader header)
    {
        if (FrameHeader.TryRead(buffer.FirstSpan, out header)) return true;
        if (buffer.Length < FrameHeader.Size) return false;
        Span<byte> bytes = stackalloc byte[FrameHeader.Size];
        buffer.Slice(0, FrameHeader.Size).CopyTo(bytes);
        return FrameHeader.TryRead(bytes, out header);
    }

    private ReadOnlyMemory<byte> CopyTogether(in ReadOnlySequence<byte> body)
    {
        int length = (int)body.Length;
        if (_scratch.Length < length)
        {
            ReleaseScratch();
            _scratch = ArrayPool<byte>.Shared.Rent(length);
        }

        body.CopyTo(_scratch);
        return _scratch.AsMemory(0, length);
    }
}

/// <summary>What is at the front of a receive buffer.</summary>
internal enum FrameStatus
{
    Incomplete,
    Complete,
    TooLarge,
}
