using System.Globalization;
using System.Text;

namespace Fibril.Dashboard.Commands;

/// <summary>The command that does the same as a control of a page: for scripts, for runbooks, and for telling others what was done.</summary>
public sealed class CliCommand
{
    private readonly StringBuilder _text = new("fibrilctl");

    /// <param name="words">The verb, and what it is about.</param>
    public CliCommand(params IReadOnlyList<string> words)
    {
        foreach (string word in words) _text.Append(' ').Append(Quote(word));
    }

    /// <summary>Adds an option, unless it has no value.</summary>
    public CliCommand With(string option, string? value)
    {
        if (!string.IsNullOrEmpty(value)) _text.Append(' ').Append(option).Append(' ').Append(Quote(value));
        return this;
    }

    /// <inheritdoc cref="With(string, string)"/>
    public CliCommand With(string option, long? value) => With(option, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds an option that stands alone, if it is wanted.</summary>
    public CliCommand If(bool isWanted, string option)
    {
        if (isWanted) _text.Append(' ').Append(option);
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>So that any POSIX shell reads it as one word.</summary>
    private static string Quote(string word) =>
        word.Length > 0 && word.All(static character => char.IsAsciiLetterOrDigit(character) || "._-/:=@,+".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
