using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fibril.Cli.Output;

namespace Fibril.Cli.Views;

/// <summary>Writes documents to standard output in one of the formats.</summary>
internal sealed class Printer(Stream output, OutputFormat format, TimeProvider time)
{
    // Relaxed: the text is not put into a web page, and people read it.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 2, NewLine = "\n" };

    private bool _hasHeading;

    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    public void Print(JsonElement document, View view)
    {
        switch (format)
        {
            case OutputFormat.Json:
                WriteJson(document, Indented);
                break;
            case OutputFormat.Ndjson:
                foreach (JsonElement row in view.RowsOf(document)) WriteJson(row, Compact);
                break;
            case OutputFormat.Csv:
                WriteCsv(document, view);
                break;
            default:
                var text = new StringWriter { NewLine = "\n" };
                view.Write(document, new Rendering(text, format == OutputFormat.Wide, time.GetUtcNow()));
                Write(text.ToString());
                break;
        }
    }

    public void Write(string text) => output.Write(Encoding.UTF8.GetBytes(text));

    private void WriteJson(JsonElement element, JsonWriterOptions options)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, options)) element.WriteTo(writer);
        bytes.WriteByte((byte)'\n');
        output.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private void WriteCsv(JsonElement document, View view)
    {
        var text = new StringBuilder();
        if (!_hasHeading) text.AppendJoin(',', view.Columns.Select(static column => Csv(column.Path.Length == 0 ? column.Title : column.Path))).Append('\n');
        _hasHeading = true;
        foreach (JsonElement row in view.RowsOf(document)) text.AppendJoin(',', view.Columns.Select(column => Csv(column.RawOf(row)))).Append('\n');
        Write(text.ToString());
    }

    /// <summary>Quoted where RFC 4180 asks for it.</summary>
    private static string Csv(string value) =>
        value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
