using System.Text;
using Tomlyn.Syntax;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Makes text from outside fit for a terminal line: no control characters, no endless values.</summary>
internal static class Printable
{
    private const int MostCharacters = 100;

    /// <summary>Quoted and escaped as TOML does, cut when it is long.</summary>
    public static string Quote(string text) =>
        text.Length <= MostCharacters ? TomlString(text) : TomlString(text[..MostCharacters]) + "...";

    /// <summary>The whole text as a TOML basic string.</summary>
    public static string TomlString(string text) => new StringValueSyntax(text).ToString();

    /// <summary>The whole text as a source spells it.</summary>
    public static string Spell(string text, Notation notation) => notation == Notation.Toml ? TomlString(text) : text;

    /// <summary>The text on one line, for names and paths that read better without quotes.</summary>
    public static string Line(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var clean = new StringBuilder(text.Length);
        foreach (char character in text) clean.Append(char.IsControl(character) ? '?' : character);
        return clean.ToString();
    }
}
