using System.Buffers;

namespace Fibril.Client.Publishing;

/// <summary>A payload as the caller gave it: memory that is the callee's to read until the task completes, or bytes lent for the call.</summary>
internal readonly ref struct OutgoingPayload
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly bool _isMemory;

    public OutgoingPayload(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _isMemory = true;
        Bytes = memory.Span;
    }

    public OutgoingPayload(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The payload as memory for longer than the call; copied only when it must be, into an array to give back to the shared pool.</summary>
    public ReadOnlyMemory<byte> Keep(out byte[]? rented)
    {
        rented = null;
        if (_isMemory) return _memory;
        rented = ArrayPool<byte>.Shared.Rent(Bytes.Length);
        Bytes.CopyTo(rented);
        return rented.AsMemory(0, Bytes.Length);
    }

    /// <summary>The payload for a frame that waits; copied only when it must be.</summary>
    public KeptPayload Keep() => _isMemory ? new KeptPayload(_memory, rented: null) : KeptPayload.Copy(Bytes);
}

/// <summary>A payload that outlives the call. Disposed once by who was given it.</summary>
internal sealed class KeptPayload(ReadOnlyMemory<byte> memory, byte[]? rented) : IDisposable
{
    public ReadOnlySpan<byte> Bytes => memory.Span;

    public static KeptPayload Copy(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(copy);
        return new KeptPayload(copy.AsMemory(0, bytes.Length), copy);
    }

    public void Dispose()
    {
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }
}
