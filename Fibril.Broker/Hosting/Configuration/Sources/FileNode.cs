namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A value of the TOML file with its place. Classes, not records: their text form must not show what they hold.</summary>
internal abstract class FileNode(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>What it is, for "found X, not Y".</summary>
    public abstract string TypeName { get; }

    /// <summary>The value for a message; only for settings that are no secrets.</summary>
    public abstract string Shown { get; }
}

internal sealed class FileText(string value, int line, int column) : FileNode(line, column)
{
    public string Value { get; } = value;

    public override string TypeName => "text";

    public override string Shown => Printable.Quote(Value);
}

internal sealed class FileInteger(long value, string written, int line, int column) : FileNode(line, column)
{
    public long Value { get; } = value;

    public override string TypeName => "a number";

    public override string Shown => Printable.Line(written);
}

internal sealed class FileBoolean(bool value, int line, int column) : FileNode(line, column)
{
    public bool Value { get; } = value;

    public override string TypeName => "a boolean";

    public override string Shown => Value ? "true" : "false";
}

/// <summary>A literal that no setting takes: a fraction or a date.</summary>
internal sealed class FileLiteral(string typeName, string written, int line, int column) : FileNode(line, column)
{
    public override string TypeName { get; } = typeName;

    public override string Shown => Printable.Line(written);
}

internal sealed class FileList(int line, int column) : FileNode(line, column)
{
    public List<FileNode> Items { get; } = [];

    public override string TypeName => "a list";

    public override string Shown => "[...]";
}

internal sealed class FileTable(int line, int column) : FileNode(line, column)
{
    public List<FileEntry> Entries { get; } = [];

    public override string TypeName => "a table";

    public override string Shown => "{...}";

    public FileNode? this[string name] => Entries.Find(entry => entry.Name == name)?.Value;
}

/// <summary>A key of a table with its own place.</summary>
internal sealed class FileEntry(string name, int line, int column, FileNode value)
{
    public string Name { get; } = name;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public FileNode Value { get; } = value;
}
