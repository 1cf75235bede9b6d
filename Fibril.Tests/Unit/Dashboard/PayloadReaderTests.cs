using System.Text;
using Fibril.Dashboard.Payloads;
using MessagePack;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class PayloadReaderTests
{
    [Theory]
    [InlineData("application/json", "{\"a\":1}", PayloadFormat.Json)]
    [InlineData("application/problem+json", "[1]", PayloadFormat.Json)]
    [InlineData("application/json", "oops", PayloadFormat.Text)]
    [InlineData(null, "  {\"looks\":\"like it\"}", PayloadFormat.Json)]
    [InlineData(null, "{not json}", PayloadFormat.Text)]
    [InlineData("application/json", "{\"a\":\"\\ud800\"}", PayloadFormat.Text)] // half a letter
    [InlineData("text/plain", "hello", PayloadFormat.Text)]
    [InlineData(null, "", PayloadFormat.Text)]
    [InlineData(null, "\0\u0001\u0002", PayloadFormat.Hex)]
    public void The_likely_format_is_what_the_content_type_says_if_the_bytes_agree(string? contentType, string payload, PayloadFormat expected) =>
        Assert.Equal(expected, PayloadReader.Likely(contentType, Encoding.UTF8.GetBytes(payload), isCut: false));

    [Fact]
    public void A_map_in_message_pack_is_known_without_a_content_type()
    {
        byte[] payload = MessagePackSerializer.Serialize(new Dictionary<string, object> { ["id"] = 7, ["name"] = "Ada" });
        Assert.Equal(PayloadFormat.MessagePack, PayloadReader.Likely(null, payload, isCut: false));
        Assert.Equal("{\n  \"id\": 7,\n  \"name\": \"Ada\"\n}", PayloadReader.Read(PayloadFormat.MessagePack, payload, isCut: false).Text);
    }

    [Fact]
    public void Objects_of_message_pack_one_after_the_other_are_all_shown()
    {
        ReadablePayload read = PayloadReader.Read(PayloadFormat.MessagePack, new byte[] { 1, 2, 3 }, isCut: false);
        Assert.Equal(("1\n2\n3", "3 objects, one after the other."), (read.Text, read.Note));
    }

    [Theory]
    [InlineData("c1")]           // is never used
    [InlineData("dfffffffff")]   // a map of four thousand million entries, without any
    [InlineData("82a16101")]     // ends within
    [InlineData("91c70cff000000007fffffffffffffff")] // a time beyond the calendar
    public void What_is_no_message_pack_is_said_to_be_none(string hex)
    {
        ReadablePayload read = PayloadReader.Read(PayloadFormat.MessagePack, Convert.FromHexString(hex), isCut: false);
        Assert.Null(read.Text);
        Assert.StartsWith("This is no MessagePack", read.Note);
    }

    [Fact]
    public void Message_pack_that_is_nested_without_end_is_refused_and_not_followed()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x91, 100_000), 1];
        Assert.Null(PayloadReader.Read(PayloadFormat.MessagePack, deep, isCut: false).Text);
    }

    [Fact]
    public void Json_is_indented_and_keeps_its_letters_and_numbers() =>
        Assert.Equal("{\n  \"name\": \"Grüße <b>\",\n  \"big\": 12345678901234567890.10\n}", PayloadReader.Read(
            PayloadFormat.Json, Encoding.UTF8.GetBytes("{\"name\":\"Grüße <b>\",\"big\":12345678901234567890.10}"), isCut: false).Text);

    [Theory]
    [InlineData(PayloadFormat.Json)]
    [InlineData(PayloadFormat.MessagePack)]
    public void The_start_of_a_payload_is_not_taken_for_the_whole(PayloadFormat format)
    {
        ReadablePayload read = PayloadReader.Read(format, "1"u8.ToArray(), isCut: true);
        Assert.Null(read.Text);
        Assert.Contains("Only the start", read.Note);
    }

    [Fact]
    public void Text_shows_bytes_that_are_none_and_characters_that_cannot_be_seen()
    {
        ReadablePayload read = PayloadReader.Read(PayloadFormat.Text, (byte[])[.. "a"u8, 0xff, 0, .. "ü\n\u202E"u8], isCut: false);
        Assert.Equal("a\\xFF\u2400ü\n\\u202E", read.Text);
        Assert.Equal("1 byte is no UTF-8, and shown as \\xNN.", read.Note);
    }

    [Fact]
    public void A_letter_that_is_cut_at_the_end_of_a_preview_does_not_make_it_bytes() =>
        Assert.Equal(PayloadFormat.Text, PayloadReader.Likely(null, (byte[])[.. "abc"u8, 0xc3], isCut: true));

    [Fact]
    public void Bytes_are_shown_in_pages_with_their_place_and_as_ascii()
    {
        byte[] bytes = [.. Enumerable.Range(0, 2 * HexPage.Bytes + 3).Select(static i => (byte)i)];
        HexPage last = HexPage.Of(bytes, 99);
        Assert.Equal((2, 3), (last.Number, last.Count));
        Assert.Equal("00001000  00 01 02                                          ...\n", last.Text);
        Assert.StartsWith("00000800  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................\n", HexPage.Of(bytes, 1).Text);
        Assert.Contains("41 42 43", HexPage.Of("ABC"u8, 0).Text);
        Assert.Equal((0, 1), (HexPage.Of([], 5).Number, HexPage.Of([], 5).Count));
    }
}
