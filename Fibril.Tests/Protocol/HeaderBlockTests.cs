using System.Text;
using CsCheck;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class HeaderBlockTests
{
    [Fact]
    public void Empty_block_is_a_count_of_zero()
    {
        Assert.Equal("00000000", Hex.Text(HeaderBlock.Empty.Encoded));
        Assert.Equal("00000000", Hex.Text(new HeaderBlockBuilder().Block.Encoded));
        Assert.Equal(0, HeaderBlock.Empty.Count);
        Assert.False(HeaderBlock.Empty.GetEnumerator().MoveNext());
    }

    [Fact]
    public void Builder_writes_text_and_utf8_alike()
    {
        string fromText = Hex.Text(new HeaderBlockBuilder().Add("grüße", "λ").Block.Encoded);
        string fromUtf8 = Hex.Text(new HeaderBlockBuilder().Add("grüße"u8, "λ"u8).Block.Encoded);

        Assert.Equal("00000001" + "00000007" + "6772c3bcc39f65" + "00000002" + "cebb", fromText);
        Assert.Equal(fromText, fromUtf8);
    }

    [Fact]
    public void Block_can_be_taken_again_and_again_while_headers_are_added()
    {
        var builder = new HeaderBlockBuilder().Add("a", "1");
        Assert.Equal(1, builder.Block.Count);

        builder.Add("b", "2");

        Assert.Equal([("a", "1"), ("b", "2")], Entries(builder.Block));
    }

    [Fact]
    public void Builder_forgets_what_it_held_when_it_is_cleared()
    {
        var builder = new HeaderBlockBuilder().Add("a", "1");
        builder.Clear();
        builder.Add("b", "2");

        Assert.Equal([("b", "2")], Entries(builder.Block));
        Assert.Equal(1, builder.Block.Count);
    }

    [Fact]
    public void Builder_gives_a_large_buffer_back_when_it_is_cleared()
    {
        const int Large = 1 << 20;
        byte[] value = new byte[Large];
        var builder = new HeaderBlockBuilder();
        builder.Add("a"u8, value).Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        builder.Add("a"u8, value);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before >= Large, "The buffer of an earlier block was still there.");
    }

    [Fact] // the last one wins, which is the reader's business: the block keeps both
    public void Repeated_keys_stay_in_the_block() =>
        Assert.Equal([("a", "1"), ("a", "2")], Entries(new HeaderBlockBuilder().Add("a", "1").Add("a", "2").Block));

    [Fact] // across every growth of the builder's buffer
    public void Blocks_hold_what_was_added_in_order() =>
        Gen.Select(Gen.String.AlphaNumeric, Gen.String.AlphaNumeric).Array[0, 60].Sample(
            headers =>
            {
                var first = new HeaderBlockBuilder();
                foreach ((string key, string value) in headers) first.Add(key, value);
                var second = new HeaderBlockBuilder().Add("x", "y").AddAll(first.Block).AddAll(first.Block);

                Assert.Equal(headers, Entries(first.Block));
                Assert.Equal([("x", "y"), .. headers, .. headers], Entries(second.Block));
                Assert.Equal(1 + (2 * headers.Length), second.Block.Count);
            },
            iter: TestScale.Iterations(200));

    [Fact]
    public void Tag_lists_are_whole_tags()
    {
        Assert.Equal(2, new TagList(new byte[16]).Count);
        Assert.Throws<ArgumentException>(() => new TagList(new byte[15]).Count);
    }

    private static List<(string, string)> Entries(HeaderBlock block)
    {
        List<(string, string)> entries = [];
        foreach (Header header in block) entries.Add((Encoding.UTF8.GetString(header.Key), Encoding.UTF8.GetString(header.Value)));
        return entries;
    }
}
