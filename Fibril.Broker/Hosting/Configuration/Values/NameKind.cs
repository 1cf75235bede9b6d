namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The name of something: text that is not blank and has no control characters; white space around it is dropped.</summary>
internal sealed class NameKind : ValueKind<string>
{
    public override string Placeholder => "NAME";

    public override string Allowed(Notation notation) =>
        (notation == Notation.Toml ? "text in quotes" : "text") + " that is not blank and has no control characters";

    public override Reading<string> Read(string text)
    {
        string name = text.Trim();
        if (name.Length == 0) return Bad("is blank");
        return name.Any(char.IsControl) ? Bad("has a control character") : Good(name);
    }

    public override Reading<string> Read(FileNode node) => node is FileText text ? Read(text.Value) : WrongType(node, "text in quotes");

    public override string Write(string value, Notation notation) => Printable.Spell(value, notation);
}
