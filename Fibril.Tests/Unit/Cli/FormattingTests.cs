using System.Buffers;
using System.Text;
using System.Text.Json;
using Fibril.Cli.Commands;
using Fibril.Cli.Connecting;
using Fibril.Cli.Consuming;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Publishing;
using Fibril.Client;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using BrokerAddress = Fibril.Cli.Connecting.BrokerAddress;

namespace Fibril.Tests.Unit.Cli;

public sealed class FormattingTests
{
    [Theory]
    [InlineData("0ms", 0)]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    public void A_duration_is_a_number_with_a_unit(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("1,5s")]
    [InlineData("1.2.3s")]
    [InlineData("5min")]
    [InlineData("99999d")]
    [InlineData("99999999999999999999999999999999s")]
    public void Anything_else_is_no_duration(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void Amounts_are_written_alike_everywhere()
    {
        Assert.Equal(["0", "999", "1,234,567"], [Amounts.Count(0), Amounts.Count(999), Amounts.Count(1_234_567)]);
        Assert.Equal(["1 line", "0 lines", "2 lines"], [Amounts.Count(1, "line", "lines"), Amounts.Count(0, "line", "lines"), Amounts.Count(2, "line", "lines")]);
        Assert.Equal(["0 bytes", "999 bytes", "1.0 kB", "43.2 MB", "1.5 TB", "1500.0 TB"], [
            Amounts.Bytes(0), Amounts.Bytes(999), Amounts.Bytes(1000), Amounts.Bytes(43_165_216), Amounts.Bytes(1_500_000_000_000), Amounts.Bytes(1_500_000_000_000_000)]);
        Assert.Equal(["0.25 ms", "2.5 s", "2 min 5 s", "25 h 1 min"], [
            Amounts.Duration(TimeSpan.FromMicroseconds(250)), Amounts.Duration(TimeSpan.FromSeconds(2.5)), Amounts.Duration(TimeSpan.FromSeconds(125)),
            Amounts.Duration(new TimeSpan(25, 1, 59))]);
        Assert.Equal(["1,500/s", "-/s"], [Amounts.Rate(3000, TimeSpan.FromSeconds(2)), Amounts.Rate(1, TimeSpan.Zero)]);
    }

    [Fact]
    public void The_rate_is_that_of_the_last_seconds()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("100/s", meter.Add(100));
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal("0/s", meter.Add(100));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("500/s", meter.Add(600));
    }

    [Fact]
    public void Ping_tells_the_median_of_even_and_odd_counts()
    {
        var target = new BrokerTarget(new BrokerAddress("::1", 9876), new Credentials("app", "secret"), null) { Talk = new Talk(new CommandLineRun().Context, isQuiet: true, allowColor: false) };
        Assert.Equal("reached [::1]:9876 as app: 3 round trips, min 1 ms, median 2 ms, max 9 ms", PingVerb.Describe(target, Times(9, 1, 2)));
        Assert.Equal("reached [::1]:9876 as app: 4 round trips, min 1 ms, median 3 ms, max 9 ms", PingVerb.Describe(target, Times(9, 1, 4, 2)));
        Assert.Equal("reached [::1]:9876 as app: 1 round trip, min 5 ms, median 5 ms, max 5 ms", PingVerb.Describe(target, Times(5)));
    }

    [Fact]
    public void Lines_are_payloads_byte_for_byte() => Assert.Equal([0, 0xFF, (byte)'\n'], Format(Message([0, 0xFF]), isJson: false, showsHeaders: false));

    [Fact]
    public void Headers_stand_in_one_line_before_the_payload() => Assert.Equal(
        "# partition=3 offset=7 retries=2 content-type=\"application/json\" fibril.retries=\"2\" note=\"a \\\"b\\\"\\n\"\n{}\n",
        Encoding.UTF8.GetString(Format(Message("{}"u8, ContentType.Of(ContentTypeKind.Json), ("fibril.retries", "2"), ("note", "a \"b\"\n")), false, true)));

    [Fact]
    public void Json_has_everything_in_one_line()
    {
        byte[] line = Format(Message("<ä>\n"u8, ContentType.Of(ContentTypeKind.Text), ("fibril.retries", "2"), ("a", "b")), isJson: true, showsHeaders: false);
        Assert.Equal(1, line.Count(static value => value == '\n'));
        Assert.Contains("\"payload\":\"<ä>\\n\"", Encoding.UTF8.GetString(line), StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(line).RootElement;
        Assert.Equal((3, 7, 2), (json.GetProperty("partition").GetInt32(), json.GetProperty("offset").GetInt32(), json.GetProperty("retries").GetInt32()));
        Assert.Equal("b", json.GetProperty("headers").GetProperty("a").GetString());
        Assert.Equal("text/plain; charset=utf-8", json.GetProperty("content_type").GetString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(1234), json.GetProperty("received_at").GetDateTimeOffset());
        Assert.False(json.TryGetProperty("published_at", out _));
    }

    [Fact]
    public void Json_has_what_is_no_text_in_base64()
    {
        JsonElement json = JsonDocument.Parse(Format(Message([0xC3, 0x28]), isJson: true, showsHeaders: false)).RootElement;
        Assert.Equal([0xC3, 0x28], json.GetProperty("payload_base64").GetBytesFromBase64());
        Assert.False(json.TryGetProperty("payload", out _));
    }

    [Fact]
    public void An_early_end_says_how_to_go_on()
    {
        var request = new PublishRequest { Topic = "jobs", IsLines = true };
        var tally = new PublishTally { Sent = 6, Confirmed = 3, Unknown = 2, Refused = 1, Failure = new IOException() };
        Assert.Equal(
            $"Stopped: 3 messages are confirmed, 1 refused, 2 messages have an unknown outcome and may have been stored.{Environment.NewLine}"
            + "Line 4 is the first that is not confirmed: resume with --skip 3.",
            new PublishSummary(request, tally, 4, TimeSpan.Zero).DescribeEnd());
        tally = new PublishTally { Sent = 1, Confirmed = 1, IsInterrupted = true };
        Assert.StartsWith("Interrupted: 1 message is confirmed.", new PublishSummary(request, tally, 2, TimeSpan.Zero).DescribeEnd(), StringComparison.Ordinal);
    }

    private static TimeSpan[] Times(params int[] milliseconds) => [.. milliseconds.Select(static time => TimeSpan.FromMilliseconds(time))];

    private static ReceivedMessage Message(ReadOnlySpan<byte> payload, ContentType contentType = default, params ReadOnlySpan<(string Key, string Value)> headers)
    {
        var block = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers) block.Add(key, value);
        var leg = new SubscriptionLeg(null!, TestSpecs.Queue("jobs"), partition: 3, incarnation: 1);
        return new ReceivedMessage(leg, 1, new DeliverMessage
        {
            Offset = 7,
            PublishReceived = 1234,
            ContentType = contentType,
            Headers = block.Block,
            Payload = payload,
        });
    }

    private static byte[] Format(ReceivedMessage message, bool isJson, bool showsHeaders)
    {
        using var format = MessageFormat.Create(isJson, showsHeaders);
        var output = new ArrayBufferWriter<byte>();
        format.Write(message, output);
        return output.WrittenSpan.ToArray();
    }
}
