using System.Text;
using System.Text.Json;
using Fibril.Cli.Output;
using Fibril.Cli.Views;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Cli;

public sealed class ViewTests
{
    private static readonly FakeTimeProvider Time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));

    private static readonly View Queues = new(new Table(
        "queues", "No queues.",
        Column.Text("TOPIC", "topic"), Column.Count("READY", "counts.ready"), Column.Age("OLDEST", "oldest_ms"), Column.Text("NOTE", "note").Extra));

    private const string Document = """
        {"queues":[{"topic":"jobs","counts":{"ready":12345},"oldest_ms":910000,"note":"a,\"b\"\n"},{"topic":"other.topic","counts":{"ready":1},"oldest_ms":null}],"total":18446744073709551615}
        """;

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_numbers_stand_on_the_right() => Assert.Equal(
        """
        TOPIC         READY  OLDEST
        jobs         12,345   1m30s
        other.topic       1       -

        """, Print(OutputFormat.Table));

    [Fact]
    public void The_wide_format_has_more_columns_and_control_characters_do_no_harm() => Assert.Equal(
        """
        TOPIC         READY  OLDEST  NOTE
        jobs         12,345   1m30s  a,"b"·
        other.topic       1       -  -

        """, Print(OutputFormat.Wide));

    [Fact]
    public void Csv_has_every_column_unrounded_and_quotes_where_it_must() => Assert.Equal(
        "topic,counts.ready,oldest_ms,note\njobs,12345,910000,\"a,\"\"b\"\"\n\"\nother.topic,1,,\n", Print(OutputFormat.Csv));

    [Fact]
    public void Ndjson_is_one_row_a_line() => Assert.Equal(
        "{\"topic\":\"jobs\",\"counts\":{\"ready\":12345},\"oldest_ms\":910000,\"note\":\"a,\\\"b\\\"\\n\"}\n{\"topic\":\"other.topic\",\"counts\":{\"ready\":1},\"oldest_ms\":null}\n",
        Print(OutputFormat.Ndjson));

    [Fact]
    public void Json_is_the_whole_answer_with_two_spaces_and_every_digit()
    {
        string text = Print(OutputFormat.Json);
        Assert.StartsWith("{\n  \"queues\": [\n    {\n      \"topic\": \"jobs\",\n", text, StringComparison.Ordinal);
        Assert.EndsWith("  \"total\": 18446744073709551615\n}\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"queues":[]}""")]
    [InlineData("""{"something":"newer"}""")]
    [InlineData("[]")]
    public void Without_rows_a_sentence_says_so(string document) => Assert.Equal("No queues.\n", Print(OutputFormat.Table, Queues, document));

    [Fact]
    public void A_sheet_leaves_out_what_is_missing()
    {
        var view = new View(new Sheet(null, "queue", Column.Text("Topic", "topic"), Column.Text("Group", "group"), Column.Bytes("Stored", "bytes")));
        Assert.Equal("Topic:  jobs\nStored: 1.5 kB\n", Print(OutputFormat.Table, view, """{"queue":{"topic":"jobs","group":null,"bytes":1500}}"""));
    }

    [Fact]
    public void Sections_stand_apart_and_empty_ones_leave_no_gap()
    {
        var view = new View(
            new Sentence(static _ => "First."), new Sheet(null, "", Column.Text("None", "none")), new Table("rows", "", Column.Text("A", "a")), new Sentence(static _ => null),
            new Sentence(static _ => "Last."));
        Assert.Equal("First.\n\nA\n1\nLast.\n", Print(OutputFormat.Table, view, """{"rows":[{"a":1}]}"""));
    }

    private static string Print(OutputFormat format) => Print(format, Queues, Document);

    private static string Print(OutputFormat format, View view, string document)
    {
        var output = new MemoryStream();
        using JsonDocument parsed = JsonDocument.Parse(document);
        new Printer(output, format, Time).Print(parsed.RootElement, view);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
