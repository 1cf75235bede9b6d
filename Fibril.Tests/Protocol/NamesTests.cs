using System.Text;
using CsCheck;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class NamesTests
{
    [Theory] // NAM-1, Q-6
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("_")]
    [InlineData("-")]
    [InlineData("orders")]
    [InlineData("orders.eu-west_1.v2")]
    [InlineData("-.-")]
    public void Lower_case_letters_digits_and_single_inner_dots_make_a_name(string name) =>
        Assert.Null(Names.Explain(Encoding.UTF8.GetBytes(name)));

    [Theory] // NAM-1, Q-5, Q-6
    [InlineData("", "empty")]
    [InlineData(".", "starts with a dot")]
    [InlineData(".a", "starts with a dot")]
    [InlineData("a.", "ends with a dot")]
    [InlineData("a..b", "two dots")]
    [InlineData("Orders", "upper-case")]
    [InlineData("orders eu", "byte 6")]
    [InlineData("orders/eu", "byte 6")]
    [InlineData("@node", "byte 0")]
    [InlineData("a\0", "byte 1")]
    [InlineData("größe", "byte 2")]
    [InlineData("*", "byte 0")]
    public void Everything_else_is_refused_with_the_rule_it_breaks(string name, string explanation)
    {
        Assert.False(Names.IsValid(Encoding.UTF8.GetBytes(name)));
        Assert.Contains(explanation, Names.Explain(Encoding.UTF8.GetBytes(name)), StringComparison.Ordinal);
    }

    [Fact] // NAM-1, Q-5
    public void Names_have_128_bytes_at_most()
    {
        Assert.True(Names.IsValid(Encoding.UTF8.GetBytes(new string('x', 128))));
        Assert.Contains("129 bytes", Names.Explain(Encoding.UTF8.GetBytes(new string('x', 129))), StringComparison.Ordinal);
    }

    [Fact] // NAM-1, against the rule spelled as a pattern
    public void Grammar_is_the_pattern()
    {
        var pattern = new System.Text.RegularExpressions.Regex("^(?=.{1,128}\\z)[a-z0-9_-]+(\\.[a-z0-9_-]+)*\\z");
        Gen.Char["ab0.._-A /é"].Array[0, 8].Select(letters => new string(letters)).Sample(
            name => Assert.Equal(pattern.IsMatch(name), Names.IsValid(Encoding.UTF8.GetBytes(name))),
            iter: TestScale.Iterations(5000));
    }

    [Theory] // NAM-3, Q-3, Q-4
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("default", true)]
    [InlineData("Default", false)]
    [InlineData("default ", false)]
    [InlineData("eu", false)]
    public void Absent_empty_and_default_are_the_ungrouped_queue(string? group, bool ungrouped)
    {
        OptionalUtf8 utf8 = group is null ? default : new OptionalUtf8(Encoding.UTF8.GetBytes(group));

        Assert.Equal(ungrouped, Names.IsDefaultGroup(utf8));
        Assert.Equal(ungrouped ? null : group, Names.NormaliseGroup(group));
    }

    [Theory] // HDR-1, Q-56, Q-57, Q-58
    [InlineData("fibril.retries", true)]
    [InlineData("fibril.", true)]
    [InlineData("fibril.clientx", true)]
    [InlineData("fibril.client", true)]
    [InlineData("fibril.Client.x", true)]
    [InlineData("stroma.dlq.reason", true)]
    [InlineData("stroma.client.x", true)]
    [InlineData("stroma.", true)]
    [InlineData("fibril.client.", false)]
    [InlineData("fibril.client.producer_id", false)]
    [InlineData("fibril", false)]
    [InlineData("fibrilx", false)]
    [InlineData("Fibril.x", false)]
    [InlineData("STROMA.x", false)]
    [InlineData("x-fibril.retries", false)]
    [InlineData("", false)]
    public void Server_headers_are_recognised_by_their_prefix(string key, bool reserved) =>
        Assert.Equal(reserved, ReservedHeaders.IsReserved(Encoding.UTF8.GetBytes(key)));

    [Theory] // PUB-2
    [InlineData("content-type", true)]
    [InlineData("Content-Type", true)]
    [InlineData("CONTENT-TYPE", true)]
    [InlineData("content-type ", false)]
    [InlineData("content_type", false)]
    [InlineData("x-content-type", false)]
    public void Content_type_header_is_recognised_in_any_case(string key, bool expected) =>
        Assert.Equal(expected, ReservedHeaders.IsContentType(Encoding.UTF8.GetBytes(key)));
}
