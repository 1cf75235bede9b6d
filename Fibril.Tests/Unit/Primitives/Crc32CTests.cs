using System.Text;
using CsCheck;
using Fibril.Broker.Primitives;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Primitives;

public sealed class Crc32CTests
{
    [Theory] // vectors of CRC-32C as others publish them; the last four are those of the iSCSI standard
    [InlineData("", 0x00000000)]
    [InlineData("61", 0xC1D04330)]
    [InlineData("313233343536373839", 0xE3069283)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AA)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62A8AB43)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46DD794E)]
    [InlineData("1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100", 0x113FDB5C)]
    public void Known_vectors_have_their_checksum(string hex, uint checksum) => Assert.Equal(checksum, Crc32C.Compute(Hex.Bytes(hex)));

    [Fact]
    public void Every_length_up_to_40_agrees_with_the_bitwise_definition()
    {
        var bytes = new byte[40];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 37 + 11);
        for (int length = 0; length <= bytes.Length; length++)
            Assert.Equal(Bitwise(bytes.AsSpan(0, length), 0), Crc32C.Compute(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Random_bytes_under_random_seeds_at_every_alignment_agree_with_the_bitwise_definition() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.UInt, Gen.Int[0, 8]).Sample(
            (bytes, seed, skip) =>
            {
                ReadOnlySpan<byte> data = bytes.AsSpan(Math.Min(skip, bytes.Length));
                Assert.Equal(Bitwise(data, seed), Crc32C.Compute(data, seed));
            },
            iter: TestScale.Iterations(500));

    [Fact]
    public void Another_seed_gives_another_checksum()
    {
        byte[] data = Encoding.ASCII.GetBytes("the same bytes in another segment");
        uint[] checksums = [.. Enumerable.Range(0, 100).Select(seed => Crc32C.Compute(data, (uint)seed))];
        Assert.Equal(checksums.Length, checksums.Distinct().Count());
    }

    [Fact] // S-4
    public void Any_flipped_bit_changes_the_checksum()
    {
        byte[] data = [.. Enumerable.Range(0, 64).Select(static i => (byte)(i * 7))];
        uint whole = Crc32C.Compute(data, 5);
        for (int bit = 0; bit < data.Length * 8; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(whole, Crc32C.Compute(data, 5));
            data[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    /// <summary>The definition, one bit at a time: reflected polynomial 0x82F63B78, inverted before and after.</summary>
    private static uint Bitwise(ReadOnlySpan<byte> data, uint seed)
    {
        uint crc = ~seed;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }
}
