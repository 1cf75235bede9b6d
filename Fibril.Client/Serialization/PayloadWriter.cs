using System.Buffers;

namespace Fibril.Client.Serialization;

/// <summary>A buffer to serialize into. Each thread keeps one to use again.</summary>
internal sealed class PayloadWriter : IBufferWriter<byte>
{
    private const int FirstBytes = 4 << 10;
    private const int KeptBytes = 1 << 20;

    [ThreadStatic]
    private static PayloadWriter? _kept;

    private byte[] _bytes = new byte[FirstBytes];
    private int _written;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _written);

    /// <summary>An empty buffer. Serializing may call user code that publishes, so the thread's own is taken and not just used.</summary>
    public static PayloadWriter Rent()
    {
        PayloadWriter writer = _kept ?? new PayloadWriter();
        _kept = null;
        writer._written = 0;
        return writer;
    }

    public static void Return(PayloadWriter writer)
    {
        if (writer._bytes.Length <= KeptBytes) _kept = writer;
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsSpan(_written);
    }

    private void MakeRoom(int sizeHint)
    {
        int needed = checked(_written + Math.Max(1, sizeHint));
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
    }
}
