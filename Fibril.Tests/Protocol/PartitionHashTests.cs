using CsCheck;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class PartitionHashTests
{
    [Theory] // HSH-1, Q-21; keys as hex: "", a, foobar, order-42, customer-7, tenant/eu/9, κλειδί and two that are no text
    [InlineData("", 0xcbf29ce484222325, 1, 2, 1, 5, 5)]
    [InlineData("61", 0xaf63dc4c8601ec8c, 0, 1, 0, 4, 4)]
    [InlineData("666f6f626172", 0x85944171f73967e8, 0, 0, 0, 0, 0)]
    [InlineData("6f726465722d3432", 0x7d1deb86a05662d4, 0, 2, 0, 4, 8)]
    [InlineData("637573746f6d65722d37", 0x660308ab83c6fdf1, 1, 0, 1, 1, 9)]
    [InlineData("74656e616e742f65752f39", 0x307db3d5564e91f0, 0, 1, 0, 0, 4)]
    [InlineData("cebacebbceb5ceb9ceb4ceaf", 0x1319fd724ea57fc7, 1, 2, 3, 7, 11)]
    [InlineData("00", 0xaf63bd4c8601b7df, 1, 0, 3, 7, 3)]
    [InlineData("00ff10", 0xd6c4081869e7cf50, 0, 0, 0, 0, 0)]
    public void Keys_hash_alike_in_every_client(string key, ulong hash, uint of2, uint of3, uint of4, uint of8, uint of12)
    {
        byte[] bytes = Hex.Bytes(key);

        Assert.Equal(hash, PartitionHash.Hash(bytes));
        Assert.Equal(0U, PartitionHash.Choose(bytes, 1));
        Assert.Equal(of2, PartitionHash.Choose(bytes, 2));
        Assert.Equal(of3, PartitionHash.Choose(bytes, 3));
        Assert.Equal(of4, PartitionHash.Choose(bytes, 4));
        Assert.Equal(of8, PartitionHash.Choose(bytes, 8));
        Assert.Equal(of12, PartitionHash.Choose(bytes, 12));
    }

    [Fact] // why a count may only change to a multiple or a divisor
    public void Partition_p_of_n_splits_into_p_and_p_plus_multiples_of_n() =>
        Gen.Select(Gen.Byte.Array[0, 20], Gen.UInt[1, 100], Gen.UInt[1, 10]).Sample(
            (key, count, factor) =>
                Assert.Equal(PartitionHash.Choose(key, count), PartitionHash.Choose(key, count * factor) % count),
            iter: TestScale.Iterations(2000));
}
