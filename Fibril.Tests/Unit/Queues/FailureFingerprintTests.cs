using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Failures;
using Fibril.Protocol;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Fingerprints of equal causes are equal, and of different ones are not.</summary>
public sealed class FailureFingerprintTests
{
    private static readonly DeadLetterSource Source = new(new QueueName("orders", null), 7, 3, "terminal_nack", 1000);

    [Fact] // frozen: operators keep them, and scripts compare them
    public void A_fingerprint_is_the_same_for_ever()
    {
        Assert.Equal("0d2834261ca7eca3", Of(Source, ("x-exception", "Timeout of order 17")).Id);
        Assert.Equal("246c8a6441d307e0", Of(Source).Id);
    }

    [Fact]
    public void What_tells_nothing_of_the_cause_changes_nothing()
    {
        FailureFingerprint one = Of(Source, ("X-Exception-Type", "Timeout"), ("x-error-message", "order 17 of 'Ann' took 3 s"), ("trace", "a"));
        DeadLetterSource later = Source with { Offset = 99, Retries = 8, AtMs = 5000 };
        FailureFingerprint other = Of(later, ("trace", "b"), ("x-error-message", "first"), ("x-error-message", "order 4711 of 'Bob' took 12 s"), ("x-exception-type", "Timeout"), ("stroma.error", "x"));
        Assert.Equal(one, other);
        Assert.Equal((FailureBasis.Headers, "x-error-message: order <n> of <text> took <n> s; x-exception-type: Timeout"), (one.Basis, one.Title));
        Assert.Equal(16, one.Id.Length);
        Assert.True(FailureFingerprint.IsWellFormed(one.Id));
    }

    [Fact]
    public void Another_cause_has_another_fingerprint()
    {
        FailureFingerprint[] all =
        [
            Of(Source, ("error", "a")),
            Of(Source, ("error", "b")),
            Of(Source, ("error2", "a")),
            Of(Source, ("error", "a"), ("exception", "")),
            Of(Source with { Reason = "expired" }, ("error", "a")),
            Of(Source with { Reason = null }, ("error", "a")),
            Of(Source with { Queue = new QueueName("mail", null) }, ("error", "a")),
            Of(Source with { Queue = new QueueName("orders", "eu") }, ("error", "a")),
            Of(Source),
            Of(Source, payload: "{\"a\":1}"),
            Of(Source, payload: "{\"a\":\"1\"}"),
            Of(Source, payload: "{\"b\":1}"),
            Of(Source, payload: new string('x', 300)),
            Of(Source, contentType: "image/png"),
        ];
        Assert.Equal(all.Length, all.Select(static fingerprint => fingerprint.Id).Distinct().Count());
    }

    [Fact]
    public void Without_headers_of_an_error_the_shape_of_the_payload_tells()
    {
        FailureFingerprint one = Of(Source, payload: "{\"id\":1,\"name\":\"a\"}");
        Assert.Equal(one, Of(Source, payload: "{\"name\":\"b\",\"id\":2}"));
        Assert.Equal((FailureBasis.PayloadShape, "JSON {id: number, name: string}"), (one.Basis, one.Title));
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789ABCDEF", false)]
    [InlineData("0123456789abcde", false)]
    [InlineData("0123456789abcdeg", false)]
    [InlineData("", false)]
    public void Only_what_can_be_one_is_taken_for_a_fingerprint(string text, bool isOne) => Assert.Equal(isOne, FailureFingerprint.IsWellFormed(text));

    private static FailureFingerprint Of(DeadLetterSource source, params (string Key, string Value)[] headers) => Of(source, "x", "text/plain", headers);

    private static FailureFingerprint Of(DeadLetterSource source, string payload = "x", string contentType = "text/plain", params (string Key, string Value)[] headers)
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers) builder.Add(key, value);
        return FailureFingerprint.Of(source, builder.Block, contentType, Encoding.UTF8.GetBytes(payload));
    }
}
