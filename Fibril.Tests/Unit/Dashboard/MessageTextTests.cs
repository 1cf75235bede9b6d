using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Messages;
using Fibril.Dashboard.Formats;
using Fibril.Dashboard.Hosting;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class MessageTextTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData("orders", "orders", null)]
    [InlineData(" orders @ eu ", "orders", "eu")]
    [InlineData("orders@", "orders", null)]
    public void A_queue_is_read_as_it_is_shown(string text, string topic, string? group) => Assert.Equal(new ChannelName(topic, group), QueueText.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData("@ eu")]
    public void Without_a_topic_there_is_no_queue(string? text) => Assert.Null(QueueText.Parse(text));

    [Fact]
    public void Offsets_are_written_as_ranges() => Assert.Equal("3,5-7,9", OffsetList.Of([7, 5, 3, 6, 9]));

    [Fact]
    public void Times_of_inputs_are_of_utc()
    {
        Assert.Equal(1_767_225_600_000, UtcInput.Parse("2026-01-01T00:00"));
        Assert.Equal("2026-01-01T00:00:00", UtcInput.Of(1_767_225_600_000));
        Assert.Null(UtcInput.Parse("soon"));
    }

    [Fact]
    public void A_trace_is_read_from_the_headers()
    {
        TraceContext? trace = TraceContext.Of(new Dictionary<string, string> { ["traceparent"] = Parent, ["tracestate"] = "a=b" });
        Assert.Equal(new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true, "a=b"), trace);
    }

    [Theory]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("\"><script>")]
    public void What_is_no_trace_is_not_taken_for_one(string parent) => Assert.Null(TraceContext.Of(new Dictionary<string, string> { ["traceparent"] = parent }));

    [Theory]
    [InlineData("http://localhost:16686/trace/{trace_id}", "http://localhost:16686/trace/abc")]
    [InlineData("http://localhost/", null)]
    [InlineData("javascript:alert('{trace_id}')", null)]
    [InlineData(null, null)]
    public void A_trace_links_to_where_it_was_said_to_be(string? template, string? expected) => Assert.Equal(expected, new DashboardOptions { TraceUrl = template }.LinkOf("abc"));

    [Fact] // U-12
    public void A_window_knows_the_ends_of_what_is_stored()
    {
        var window = new MessageWindow(new ChannelName("orders"), 0, From: 120, Limit: 50, null, false);
        var middle = new MessagePage(170, 50, StartOffset: 100, EndOffset: 200, HasMore: true, []);
        Assert.Equal((150, 100, 170), (window.Newest(middle), window.Before(middle), MessageWindow.After(middle)));
        Assert.Equal("Stored: offsets 100 to 199. Looked at: 120 to 169.", window.Describe(middle));
        MessagePage last = middle with { NextOffsetHint = 200, HasMore = false };
        Assert.Null(MessageWindow.After(last));
        Assert.Null((window with { From = null }).Before(last));
        Assert.Equal("Nothing is stored; the next message gets offset 200.", window.Describe(last with { StartOffset = 200 }));
    }
}
