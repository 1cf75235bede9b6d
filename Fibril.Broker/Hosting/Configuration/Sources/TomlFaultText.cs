using System.Text.RegularExpressions;

namespace Fibril.Broker.Hosting.Configuration;

// The parser quotes what it stumbled over, and that may be a password somebody forgot to put in quotes. So none of its words are passed on:
// they only choose one of ours.
internal static partial class TomlFaultText
{
    private static readonly (string Fragment, string Explanation)[] Explanations =
    [
        ("Expecting `=` after a key", "a key must be followed by = and a value"),
        ("`<eof>`", "the file ends too early: a value or a closing bracket is missing"),
        ("Missing a `,`", "a comma is missing, or a list is not closed by ]"),
        ("for a value", "a value is missing or not TOML; text needs quotes, numbers and true or false do not"),
        ("expecting a value", "a value is missing; text needs quotes, numbers and true or false do not"),
        ("while expecting token `newline`", "something is left over at the end of the line; text and values with a unit need quotes"),
        ("(token: `closebracket`)", "a section must be written as [section], one of a list as [[section]]"),
        ("newline in a string", "a text is not closed by a quote on its line"),
        ("End-Of-File found", "a text is not closed by a quote"),
        ("Unable to parse integer", "a number does not fit in 64 bits"),
        ("leading zero", "a number must not start with 0"),
        ("underscore", "an underscore in a number must stand between two digits"),
        ("for an array", "a list is not closed by ]"),
        ("parsing inline table", "an inline table needs a key, or its closing }, here"),
        ("escape", "a backslash in double quotes starts an escape; write '...' around paths with backslashes"),
        ("control character", "a control character is not allowed"),
    ];

    /// <summary>Our words for a message of the TOML parser; free of anything the file holds.</summary>
    public static string Explain(string message)
    {
        if (DefinedBefore().Match(message) is { Success: true } match)
            return $"a key or section is defined a second time; the first is at line {match.Groups[1]}, column {match.Groups[2]}";

        return Explanations.FirstOrDefault(known => message.Contains(known.Fragment, StringComparison.Ordinal)).Explanation
            ?? "this is not TOML";
    }

    [GeneratedRegex(@"is already defined at \(([0-9]+),([0-9]+)\)")]
    private static partial Regex DefinedBefore();
}
