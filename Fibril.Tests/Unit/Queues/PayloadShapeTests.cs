using System.Text;
using Fibril.Broker.Queues.Failures;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Payloads that look alike have one shape.</summary>
public sealed class PayloadShapeTests
{
    [Theory]
    [InlineData("{\"b\":1,\"a\":\"x\"}", "JSON {a: string, b: number}")]
    [InlineData(" {\"a\":\"other\", \"b\":2.5e3 }", "JSON {a: string, b: number}")]
    [InlineData("{\"o\":{\"deep\":1},\"l\":[1,2],\"t\":true,\"f\":false,\"n\":null}", "JSON {f: boolean, l: list, n: null, o: object, t: boolean}")]
    [InlineData("{}", "JSON {}")]
    [InlineData("[1,2]", "JSON list")]
    [InlineData("{\"a\":1", "text/plain, up to 256 bytes")]
    [InlineData("{\"a\":1} and more", "text/plain, up to 256 bytes")]
    [InlineData("hello", "text/plain, up to 256 bytes")]
    [InlineData("17", "text/plain, up to 256 bytes")]
    [InlineData("", "text/plain, empty")]
    public void A_shape_says_what_a_payload_looks_like(string payload, string shape) =>
        Assert.Equal(shape, PayloadShape.Of("text/plain", Encoding.UTF8.GetBytes(payload)));

    [Theory]
    [InlineData(256, "no content type, up to 256 bytes")]
    [InlineData(257, "no content type, up to 1 KiB")]
    [InlineData(4097, "no content type, up to 16 KiB")]
    [InlineData(300_000, "no content type, up to 1 MiB")]
    public void What_is_no_JSON_is_told_by_its_size(int bytes, string shape) => Assert.Equal(shape, PayloadShape.Of(null, new byte[bytes]));

    [Fact]
    public void Of_a_long_object_the_fields_count_that_begin_at_its_start()
    {
        string filling = new('x', PayloadShape.MostLooked);
        Assert.Equal("JSON {a: number, b: string}", Of($"{{\"a\":1,\"b\":\"{filling}\",\"c\":2}}"));
        Assert.Equal("JSON {a: number, b: string}", Of($"{{\"a\":2,\"b\":\"{filling}{filling}\",\"d\":{{}}}}"));
    }

    [Fact]
    public void Names_that_nobody_expects_make_no_shape_without_bounds()
    {
        string fields = string.Join(',', Enumerable.Range(0, 500).Select(static number => $"\"{number}\":1"));
        Assert.InRange(Of($"{{{fields}}}").Length, 1, 64 * 80);
        Assert.Equal("no content type, up to 256 bytes", PayloadShape.Of(null, [(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']));
    }

    private static string Of(string payload) => PayloadShape.Of(null, Encoding.UTF8.GetBytes(payload));
}
