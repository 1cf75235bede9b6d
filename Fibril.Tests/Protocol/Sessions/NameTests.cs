using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Topics and groups at the broker's door: NAM-1 to NAM-5.</summary>
public class NameTests
{
    private static readonly string LongestName = new('a', 128);

    public static TheoryData<string> IllegalNames =>
    [
        "A", "Orders", "a b", "a/b", "a\\b", "..", ".", "a..b", ".a", "a.", "ä", "a\0", "a\n", "a*", "@", "a@b", "%2e", new string('a', 129), new string('a', 5000),
    ];

    [Theory]
    [MemberData(nameof(IllegalNames))]
    public async Task A_name_outside_the_grammar_is_refused_wherever_it_would_make_a_queue(string name) // NAM-1, X-6, Q-5, F-20
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach ((string topic, string? group) in new[] { (name, (string?)null), ("orders", name) })
        {
            await peer.ExpectRefusedAsync(new TestPublish(topic, group), ErrorCode.Invalid);
            await peer.ExpectRefusedAsync(new TestPublish(topic, group) { NotBefore = 5 }, ErrorCode.Invalid);
            await peer.SendAsync(6, new DeclareQueueMessage(topic, group, null, null, null, null));
            await peer.ExpectErrorAsync(6, ErrorCode.Invalid);
            await peer.SendAsync(7, RawPeer.Subscription(topic, group: group));
            await peer.ExpectErrorAsync(7, ErrorCode.Invalid);
        }

        await peer.ExpectSilenceAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Fact]
    public async Task An_empty_topic_is_no_name() // NAM-1, Q-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.ExpectRefusedAsync(new TestPublish(""), ErrorCode.Invalid);
        await peer.SendAsync(7, RawPeer.Subscription(""));
        await peer.ExpectErrorAsync(7, ErrorCode.Invalid);
    }

    [Fact]
    public async Task Names_inside_the_grammar_work() // NAM-1, Q-5, Q-6
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach (string name in new[] { "a", "0", "_", "-", "--", "a.b", "a-b_c.9", "_.-", LongestName })
        {
            Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(name, name) { Text = name }));
            Assert.Equal(name, (await peer.SubscribeAsync(name, group: name)).Topic);
            Assert.Equal(name, (await peer.ExpectDeliveryAsync()).Text);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("default")]
    public async Task Three_spellings_mean_the_queue_without_a_group(string? spelled) // NAM-3, Q-3, Q-4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(group: spelled, count: 2);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
        Assert.Equal(1UL, await peer.PublishAsync(new TestPublish(Group: "")));
        Assert.Equal(2UL, await peer.PublishAsync(new TestPublish(Group: "default") { NotBefore = 0 }));
        await peer.SubscribeAsync(group: spelled, prefetch: 5);
        await peer.ExpectDeliveriesAsync(3);

        TopologySnapshot topology = await peer.TopologyAsync();
        Assert.Equal(2, topology.Queues.Count);
        Assert.All(topology.Queues, static route => Assert.Null(route.Group));
    }

    [Theory]
    [InlineData("Default")]
    [InlineData(" default")]
    [InlineData(" ")]
    public async Task Other_spellings_of_default_are_no_names(string group) // NAM-3, NAM-5, Q-4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.ExpectRefusedAsync(new TestPublish(Group: group), ErrorCode.Invalid);
    }

    [Fact]
    public async Task A_group_is_a_queue_of_its_own() // NAM-4, NAM-5, Q-1, Q-2
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach (string? group in new[] { null, "a", "a-b", "a_b", "defaults" })
        {
            Assert.Equal(0UL, await peer.PublishAsync(new TestPublish(Group: group) { Text = group ?? "none" }));
            await peer.SubscribeAsync(group: group);
            Assert.Equal(group ?? "none", (await peer.ExpectDeliveryAsync()).Text);
        }
    }

    [Fact]
    public async Task Settles_and_topology_requests_with_names_that_cannot_exist_find_nothing() // STL-1, M-31, F-7, 6.3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        await peer.SubscribeAsync();
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        foreach (string name in new[] { "", "A B", "..", new string('x', 5000) })
        {
            await peer.AckAsync(5, name, null, 0, delivery.Tag);
            await peer.AckAsync(5, "orders", name.Length == 0 ? "x" : name, 0, delivery.Tag);
            await peer.NackAsync(5, name, name, 0, requeue: true, notBefore: null, delivery.Tag);
            await peer.AckAsync(5, "orders", null, uint.MaxValue, delivery.Tag);
            Assert.Empty((await peer.TopologyAsync(name)).Queues);
        }

        await peer.ExpectSilenceAsync();
    }
}
