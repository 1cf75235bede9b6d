using System.Text.Json;

namespace Fibril.Cli.Views;

/// <summary>Rows in columns that are as wide as their widest cell, two spaces apart, without borders: easy to read, and to take apart with awk.</summary>
/// <param name="rows">Finds the rows in the document.</param>
/// <param name="whenEmpty">What is said instead of a table without rows; nothing when it is empty.</param>
/// <param name="columns">The columns.</param>
internal sealed class Table(Func<JsonElement, IEnumerable<JsonElement>> rows, string whenEmpty, params Column[] columns) : Section
{
    private const string Gap = "  ";

    public Table(string path, string whenEmpty, params Column[] columns) : this(document => document.At(path).Items(), whenEmpty, columns)
    {
    }

    public IReadOnlyList<Column> Columns => columns;

    public IEnumerable<JsonElement> RowsOf(JsonElement document) => rows(document);

    public override void Write(JsonElement document, Rendering rendering)
    {
        IReadOnlyList<Column> wanted = rendering.Wanted(columns);
        List<string[]> lines = [[.. wanted.Select(static column => column.Title)]];
        lines.AddRange(rows(document).Select(row => wanted.Select(column => column.CellOf(row, rendering.Now)).ToArray()));
        if (lines.Count == 1 && whenEmpty.Length == 0) return;
        if (lines.Count == 1)
        {
            rendering.Output.WriteLine(whenEmpty);
            return;
        }

        int[] widths = [.. wanted.Select((_, index) => lines.Max(line => line[index].Length))];
        foreach (string[] line in lines)
        {
            IEnumerable<string> cells = line.Select((cell, index) => wanted[index].IsNumber ? cell.PadLeft(widths[index]) : cell.PadRight(widths[index]));
            rendering.Output.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }
}
