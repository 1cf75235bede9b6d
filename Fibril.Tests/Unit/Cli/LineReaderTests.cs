using CsCheck;
using Fibril.Cli;
using Fibril.Cli.Publishing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class LineReaderTests
{
    private const int LongEnough = 1 << 20;

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\nb", new[] { "a", "b" })]
    [InlineData("\n", new[] { "" })]
    [InlineData("\n\na\n\n", new[] { "", "", "a", "" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("\r\n", new[] { "" })]
    [InlineData("a\rb\n", new[] { "a\rb" })]
    [InlineData("a\r\r\n", new[] { "a\r" })]
    [InlineData("a\r", new[] { "a\r" })]
    [InlineData("a\0b\n\0\n", new[] { "a\0b", "\0" })]
    public void Lines_are_what_stands_between_line_ends(string input, string[] lines)
    {
        foreach (int size in (int[])[1, 2, 3, 100])
            Assert.Equal(lines, Read(Latin1(input), bufferBytes: 4, size).Select(line => System.Text.Encoding.Latin1.GetString(line)));
    }

    [Fact]
    public void Bytes_that_are_no_text_pass_untouched_wherever_a_buffer_ends()
    {
        // Half of a character, a lone continuation, an overlong form: on both sides of every boundary.
        byte[] odd = [0xC3, (byte)'\n', 0xA9, 0xFF, 0xFE, 0, (byte)'\n', 0xE2, 0x82, (byte)'\n', 0xC0, 0x80];
        byte[][] lines = [[0xC3], [0xA9, 0xFF, 0xFE, 0], [0xE2, 0x82], [0xC0, 0x80]];
        for (int buffer = 1; buffer <= odd.Length + 1; buffer++)
        {
            for (int size = 1; size <= odd.Length; size++) Assert.Equal(lines, Read(odd, buffer, size));
        }
    }

    [Fact]
    public void Any_bytes_in_any_pieces_come_out_as_a_plain_split_says()
    {
        Gen<byte> bytes = Gen.Frequency((3, Gen.Byte), (1, Gen.Const((byte)'\n')), (1, Gen.Const((byte)'\r')));
        Gen.Select(bytes.Array[0, 200], Gen.Int[1, 50].Array[1, 5], Gen.Int[1, 64]).Sample(
            (content, sizes, buffer) => Assert.Equal(Split(content), Read(content, buffer, sizes)),
            iter: TestScale.Iterations(2000));
    }

    [Fact]
    public void A_line_grows_the_buffer_as_far_as_it_is_allowed()
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', LongEnough)];
        Assert.Equal([line, [1]], Read([.. line, (byte)'\n', 1], bufferBytes: 1, 4000));
        Assert.Equal([line, [1]], Read([.. line, (byte)'\r', (byte)'\n', 1], bufferBytes: 1, 4000));
    }

    [Fact]
    public void A_line_that_is_too_long_is_refused_before_it_is_read_whole()
    {
        byte[] line = new byte[2 << 20];
        var reader = new LineReader(new MemoryStream(line), maxLineBytes: 1 << 20, bufferBytes: 1 << 10);
        var refusal = Assert.Throws<CliException>(() =>
        {
            while (!reader.TryRead(out _)) reader.Fill();
        });
        Assert.Contains("longer than 1048576 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(reader.BytesRead, 1 << 20, line.Length - 1);
    }

    [Fact]
    public void Lines_that_fit_cost_no_memory()
    {
        byte[] content = [.. Enumerable.Repeat(Latin1("0123456789\n"), 10_000).SelectMany(static line => line)];
        var reader = new LineReader(new ChunkedStream(content, 1000), LongEnough, bufferBytes: 4096);
        Count(reader, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(9_900, Count(reader, int.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    private static int Count(LineReader reader, int most)
    {
        int count = 0;
        while (count < most)
        {
            if (reader.TryRead(out _)) count++;
            else if (!reader.Fill()) break;
        }

        return count;
    }

    private static List<byte[]> Read(byte[] content, int bufferBytes, params int[] sizes)
    {
        var reader = new LineReader(new ChunkedStream(content, sizes), LongEnough, bufferBytes);
        var lines = new List<byte[]>();
        while (true)
        {
            if (reader.TryRead(out ReadOnlySpan<byte> line)) lines.Add(line.ToArray());
            else if (!reader.Fill()) break;
        }

        Assert.Equal(content.Length, reader.BytesRead);
        return lines;
    }

    private static List<byte[]> Split(byte[] content)
    {
        var lines = new List<byte[]>();
        int start = 0;
        for (int index = 0; index < content.Length; index++)
        {
            if (content[index] != '\n') continue;
            int end = index > start && content[index - 1] == '\r' ? index - 1 : index;
            lines.Add(content[start..end]);
            start = index + 1;
        }

        if (start < content.Length) lines.Add(content[start..]);
        return lines;
    }

    private static byte[] Latin1(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
