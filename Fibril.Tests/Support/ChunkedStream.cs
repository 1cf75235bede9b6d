namespace Fibril.Tests.Support;

/// <summary>A stream that gives its bytes in pieces of given sizes, over and over, as pipes do.</summary>
internal sealed class ChunkedStream(byte[] content, params int[] sizes) : MemoryStream(content)
{
    private int _reads;

    public override bool CanSeek => false;

    // All other ways to read a derived stream lead here.
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, sizes[_reads++ % sizes.Length]));
}
