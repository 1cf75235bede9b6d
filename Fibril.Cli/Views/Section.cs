using System.Text.Json;

namespace Fibril.Cli.Views;

/// <summary>Part of what people see of a document.</summary>
internal abstract class Section
{
    public abstract void Write(JsonElement document, Rendering rendering);
}

/// <summary>Where text for people goes, and how much of it is wanted.</summary>
internal sealed record Rendering(TextWriter Output, bool IsWide, DateTimeOffset Now)
{
    public IReadOnlyList<Column> Wanted(IReadOnlyList<Column> columns) => IsWide ? columns : [.. columns.Where(static column => !column.IsExtra)];
}

/// <summary>One sentence.</summary>
internal sealed class Sentence(Func<JsonElement, string?> say) : Section
{
    public override void Write(JsonElement document, Rendering rendering)
    {
        if (say(document) is { } sentence) rendering.Output.WriteLine(Column.Printable(sentence));
    }
}

/// <summary>Names and values below each other; values that are missing are left out.</summary>
internal sealed class Sheet(string? title, string path, params Column[] fields) : Section
{
    public IReadOnlyList<Column> Fields => fields;

    public override void Write(JsonElement document, Rendering rendering)
    {
        JsonElement source = document.At(path);
        (string Title, string Cell)[] lines =
        [
            .. rendering.Wanted(fields).Select(field => (field.Title, Cell: field.CellOf(source, rendering.Now))).Where(static line => line.Cell != Column.Nothing),
        ];
        if (lines.Length == 0) return;
        if (title is not null) rendering.Output.WriteLine(title);
        int width = lines.Max(static line => line.Title.Length);
        foreach ((string name, string cell) in lines) rendering.Output.WriteLine($"{(title is null ? "" : "  ")}{(name + ":").PadRight(width + 2)}{cell}");
    }
}
