using System.Text.Json;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>One of the names of an enumeration, written in snake_case.</summary>
internal sealed class EnumKind<T> : ValueKind<T> where T : struct, Enum
{
    private static readonly (string Name, T Value)[] Names = [.. Enum.GetValues<T>().Select(value => (NameOf(value), value))];

    public override string Placeholder => "NAME";

    public override string Range => string.Join(", ", Names.Select(known => known.Name));

    public override string Allowed(Notation notation) =>
        string.Join(", ", Names.Select(known => Printable.Spell(known.Name, notation)));

    public override Reading<T> Read(string text) => ReadName(text, Notation.Plain);

    public override Reading<T> Read(FileNode node) =>
        node is FileText text ? ReadName(text.Value, Notation.Toml) : WrongType(node, "a name in quotes");

    public override string Write(T value, Notation notation) => Printable.Spell(NameOf(value), notation);

    private static Reading<T> ReadName(string text, Notation notation)
    {
        int index = Array.FindIndex(Names, known => known.Name == text);
        if (index >= 0) return Good(Names[index].Value);
        string? near = NearestName.Of(text, Names.Select(known => known.Name));
        return Bad("is not one of the names", near is null ? null : Printable.Spell(near, notation));
    }

    private static string NameOf(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
