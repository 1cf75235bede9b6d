namespace Fibril.Broker.Hosting.Configuration;

/// <summary>One value as one source wrote it, not yet judged. A class without a text form of its own: it may be a secret.</summary>
internal sealed class RawValue
{
    public RawValue(SettingSource source, string text) => (Source, Text) = (source, text);

    public RawValue(FileSource source, FileNode node) => (Source, Node) = (source, node);

    public SettingSource Source { get; }

    /// <summary>The text of a variable or flag; null when <see cref="Node"/> is there.</summary>
    public string? Text { get; }

    /// <summary>The value in the file; null when <see cref="Text"/> is there.</summary>
    public FileNode? Node { get; }

    /// <summary>The value for a message; only for settings that are no secrets.</summary>
    public string Shown => Node?.Shown ?? Printable.Quote(Text!);

    public Reading<T> Read<T>(ValueKind<T> kind) => Node is null ? kind.Read(Text!) : kind.Read(Node);

    /// <summary>The place of a part of this value; one without lines is its own place.</summary>
    public SettingSource PlaceOf(int line, int column) => Source is FileSource file ? file with { Line = line, Column = column } : Source;
}
