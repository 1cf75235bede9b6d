using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Headers of a publish: section 8.4, HDR-1 to HDR-3, PUB-2; V-11.</summary>
public class HeaderTests
{
    [Theory]
    [InlineData("fibril.x")]
    [InlineData("fibril.")]
    [InlineData("fibril.retries")]
    [InlineData("fibril.client")]
    [InlineData("fibril.clientx")]
    [InlineData("stroma.")]
    [InlineData("stroma.dlq.reason")]
    [InlineData("stroma.client.x")]
    public async Task A_reserved_key_is_refused_and_named(string key) // V-11, HDR-1, Q-56, F-20
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach (ulong? notBefore in new ulong?[] { null, 0 })
        {
            var publish = new TestPublish { NotBefore = notBefore, Headers = [("a", "1"), (key, "1"), ("b", "2")] };
            Assert.Contains(key, await peer.ExpectRefusedAsync(publish, ErrorCode.Invalid), StringComparison.Ordinal);
        }

        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Fact]
    public async Task A_reserved_key_can_neither_forge_nor_fill_lines_of_the_log()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        string key = "fibril.x\r\n\u001b[31mforged" + new string('x', 100_000);
        string answer = await peer.ExpectRefusedAsync(new TestPublish { Headers = [(key, "1")] }, ErrorCode.Invalid);
        Assert.Contains("fibril.x", answer, StringComparison.Ordinal);
        Assert.All(broker.Log.Lines, static line => Assert.False(line.Text.Any(char.IsControl) || line.Text.Length > 1000, line.Text));
    }

    [Theory]
    [InlineData("fibril.client.producer_id")]
    [InlineData("fibril.client.")]
    [InlineData("Fibril.x")]
    [InlineData("FIBRIL.retries")]
    [InlineData("fibrilx")]
    [InlineData("fibril")]
    [InlineData("x-fibril.x")]
    [InlineData("Stroma.x")]
    [InlineData("stroma")]
    [InlineData("")]
    [InlineData("content-type2")]
    [InlineData("content_type")]
    [InlineData("λ")]
    public async Task Any_other_key_arrives_unchanged(string key) // V-11, HDR-1, HDR-2, Q-57, Q-58
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 2);
        foreach (ulong? notBefore in new ulong?[] { null, 0 })
        {
            await peer.PublishAsync(new TestPublish { NotBefore = notBefore, Headers = [(key, "value")] });
            Assert.Equal("value", Assert.Single((await peer.ExpectDeliveryAsync()).Headers, header => header.Key == key).Value);
        }
    }

    [Theory]
    [InlineData("application/msgpack", ContentTypeKind.MessagePack, null)]
    [InlineData("application/msgpack; v=5", ContentTypeKind.MessagePack, null)]
    [InlineData("application/json", ContentTypeKind.Json, null)]
    [InlineData(" application/json ; charset=utf-8", ContentTypeKind.Json, null)]
    [InlineData("application/json;", ContentTypeKind.Json, null)]
    [InlineData("text/plain; charset=utf-8", ContentTypeKind.Text, null)]
    [InlineData("text/plain;charset=utf-8", ContentTypeKind.Custom, "text/plain;charset=utf-8")]
    [InlineData("text/plain", ContentTypeKind.Custom, "text/plain")]
    [InlineData("Application/JSON", ContentTypeKind.Custom, "Application/JSON")]
    [InlineData("image/png", ContentTypeKind.Custom, "image/png")]
    [InlineData("", ContentTypeKind.Custom, "")]
    public async Task A_content_type_header_becomes_the_content_type_when_there_is_none(string value, ContentTypeKind kind, string? mime) // V-11, PUB-2
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        foreach (string key in new[] { "content-type", "Content-Type", "CONTENT-TYPE" })
        {
            foreach (ulong? notBefore in new ulong?[] { null, 0 })
            {
                await peer.PublishAsync(new TestPublish { NotBefore = notBefore, Headers = [("a", "1"), (key, value), ("b", "2")], Text = "body" });
                ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
                Assert.Equal((kind, mime), (delivery.ContentType, delivery.CustomMime));
                Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, delivery.Headers);
                Assert.Equal("body", delivery.Text);
            }
        }
    }

    [Theory]
    [InlineData(ContentTypeKind.Text, null)]
    [InlineData(ContentTypeKind.MessagePack, null)]
    [InlineData(ContentTypeKind.Custom, "image/png")]
    public async Task An_explicit_content_type_wins_and_the_header_goes_all_the_same(ContentTypeKind kind, string? mime) // PUB-2
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await peer.PublishAsync(new TestPublish
        {
            ContentType = kind == ContentTypeKind.Custom ? ContentTypeKind.None : kind,
            CustomMime = mime,
            Headers = [("Content-Type", "application/json")],
        });
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Equal((kind, mime), (delivery.ContentType, delivery.CustomMime));
        Assert.Empty(delivery.Headers);
    }

    [Fact]
    public async Task Of_two_content_type_headers_the_last_one_counts() // section 2: a repeated key
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        await peer.PublishAsync(new TestPublish { Headers = [("content-type", "image/png"), ("content-type", "application/json")] });
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.Equal(ContentTypeKind.Json, delivery.ContentType);
        Assert.Empty(delivery.Headers);
    }

    [Fact]
    public async Task A_content_type_header_does_not_hide_a_reserved_one()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.ExpectRefusedAsync(
            new TestPublish { Headers = [("content-type", "application/json"), ("fibril.x", "1")] }, ErrorCode.Invalid);
        await peer.ExpectRefusedAsync(
            new TestPublish { Headers = [("stroma.x", "1"), ("content-type", "application/json")] }, ErrorCode.Invalid);
    }

    [Fact]
    public async Task Rewritten_headers_of_one_message_do_not_reach_the_next()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        await peer.SendRawAsync((byte[])
        [
            .. new TestPublish { Confirm = false, Headers = [("one", "1"), ("content-type", "application/json")] }.ToFrame(1),
            .. new TestPublish { Confirm = false, Headers = [("content-type", "image/png"), ("two", "2")] }.ToFrame(2),
            .. new TestPublish { Confirm = false, Headers = [("three", "3")] }.ToFrame(3),
        ]);
        ReceivedDelivery[] deliveries = await peer.ExpectDeliveriesAsync(3);
        Assert.Equal(["one", "two", "three"], deliveries.Select(static delivery => Assert.Single(delivery.Headers).Key));
        Assert.Equal(
            [ContentTypeKind.Json, ContentTypeKind.Custom, ContentTypeKind.None], deliveries.Select(static delivery => delivery.ContentType));
    }

    [Fact]
    public async Task Retry_counts_join_the_headers_of_the_message_behind_any_content_type() // M-44, 8.5, DLV-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync();
        foreach (string? mime in new[] { null, "image/png", new string('m', 3000) })
        {
            await peer.PublishAsync(new TestPublish { CustomMime = mime, Headers = [("a", "1")], Text = "body" });
            ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
            for (int retry = 1; retry <= 12; retry++)
            {
                await peer.NackAsync(delivery, requeue: true);
                delivery = await peer.ExpectDeliveryAsync();
                Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["fibril.retries"] = $"{retry}" }, delivery.Headers);
                Assert.Equal((mime, "body"), (delivery.CustomMime, delivery.Text));
            }

            await peer.AckAsync(delivery);
        }
    }
}
