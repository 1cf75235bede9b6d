using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Tests.Unit.Primitives;

public sealed class IdentityTests
{
    [Fact]
    public void Queues_of_one_topic_in_two_groups_are_two_queues()
    {
        var plain = new QueueName("orders", null);
        var grouped = new QueueName("orders", "eu");

        Assert.NotEqual(plain, grouped);
        Assert.Equal(plain, new QueueName("orders", null));
        Assert.Equal(grouped, new QueueName("orders", "eu"));
        Assert.NotEqual(new PartitionId(plain, 0), new PartitionId(grouped, 0));
        Assert.NotEqual(new PartitionId(plain, 0), new PartitionId(plain, 1));
    }

    [Theory] // the comparison is exact
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("default", null)]
    [InlineData("Default", "Default")]
    [InlineData("eu", "eu")]
    public void Absent_empty_and_default_group_are_one_identity(string? group, string? normalised) =>
        Assert.Equal(new QueueName("orders", normalised), new QueueName("orders", Names.NormaliseGroup(group)));

    [Fact]
    public void Names_sort_by_topic_then_group_in_byte_order()
    {
        QueueName[] sorted = [new("B", null), new("a", null), new("a", "X"), new("a", "x"), new("b", "a")];

        Assert.Equal(sorted, sorted.Reverse().Order());
        Assert.True(sorted[0] < sorted[1] && sorted[1] <= sorted[2] && sorted[4] > sorted[3] && sorted[4] >= sorted[4]);
        Assert.False(sorted[1] < sorted[0] || sorted[0] > sorted[1] || sorted[0] >= sorted[1] || sorted[1] <= sorted[0]);
    }

    [Fact]
    public void Text_shows_topic_group_and_partition()
    {
        Assert.Equal("orders", new QueueName("orders", null).ToString());
        Assert.Equal("orders@eu", new QueueName("orders", "eu").ToString());
        Assert.Equal("orders@eu/3", new PartitionId(new QueueName("orders", "eu"), 3).ToString());
        Assert.Equal("[4..9)", new OffsetRange(4, 9).ToString());
    }
}
