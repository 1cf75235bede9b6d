namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A path of the file system, kept as it is written; relative ones start at the working directory.</summary>
internal sealed class PathKind : ValueKind<string>
{
    public override string Placeholder => "PATH";

    public override string Allowed(Notation notation) => notation == Notation.Toml ? "a path in quotes, not empty" : "a path, not empty";

    public override Reading<string> Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Bad("is empty");
        return text.Contains('\0', StringComparison.Ordinal) ? Bad("has a NUL character") : Good(text);
    }

    public override Reading<string> Read(FileNode node) => node is FileText text ? Read(text.Value) : WrongType(node, "a path in quotes");

    public override string Write(string value, Notation notation) => Printable.Spell(value, notation);
}
