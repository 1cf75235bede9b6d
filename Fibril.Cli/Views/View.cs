using System.Text.Json;

namespace Fibril.Cli.Views;

/// <summary>What people see of a document, and which part of it is the rows for those formats that have rows.</summary>
internal sealed class View(params Section[] sections)
{
    public void Write(JsonElement document, Rendering rendering)
    {
        bool isFirst = true;
        foreach (Section section in sections)
        {
            var text = new StringWriter { NewLine = "\n" };
            section.Write(document, rendering with { Output = text });
            if (text.GetStringBuilder().Length == 0) continue;
            if (!isFirst && section is not Sentence) rendering.Output.Write('\n');
            rendering.Output.Write(text.ToString());
            isFirst = false;
        }
    }

    /// <summary>The rows of the first table; the document itself when there is none.</summary>
    public IEnumerable<JsonElement> RowsOf(JsonElement document) =>
        sections.OfType<Table>().FirstOrDefault() is { } table ? table.RowsOf(document) : [document];

    /// <summary>The columns that go with the rows.</summary>
    public IReadOnlyList<Column> Columns => sections.OfType<Table>().FirstOrDefault()?.Columns ?? [.. sections.OfType<Sheet>().SelectMany(static sheet => sheet.Fields)];
}
