using System.Text;

namespace Fibril.Broker.Hosting.Configuration;

internal enum ProblemKind
{
    /// <summary>A value that is not allowed, or values that do not fit together.</summary>
    Value,

    /// <summary>A key of the file that names no setting; a warning when the operator said so.</summary>
    UnknownFileKey,

    /// <summary>An environment variable that names no setting.</summary>
    UnknownVariable,

    /// <summary>A file that cannot be read or is not TOML.</summary>
    File,

    /// <summary>A command line that cannot be understood.</summary>
    Usage,
}

/// <summary>One reason not to start, with what the operator needs to repair it. Its texts never hold a secret.</summary>
/// <param name="Kind">Decides the exit code and whether it can be relaxed.</param>
/// <param name="Subject">The key, variable, flag or file it is about.</param>
/// <param name="What">What is wrong: a predicate that follows <see cref="Found"/>, or a sentence part of its own.</param>
/// <param name="Source">Where the value stands.</param>
internal sealed record ConfigurationProblem(ProblemKind Kind, string Subject, string What, SettingSource Source)
{
    /// <summary>The value as its source wrote it; null when there is none or it must not be shown.</summary>
    public string? Found { get; init; }

    /// <summary>What would be accepted.</summary>
    public string? Allowed { get; init; }

    /// <summary>What to write instead, in the syntax of the source.</summary>
    public string? Instead { get; init; }

    /// <summary>Several lines, ending with a line break.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Headline).Append('\n');
        AppendDetail(text, "where", Source.Where);
        AppendDetail(text, "allowed", Allowed);
        AppendDetail(text, "instead", Instead);
        return text.ToString();
    }

    /// <summary>The problem on one line, for one that does not stop the start.</summary>
    public string ToWarning() => $"{Source.Where}: {Headline}" + (Instead is null ? "" : $"; instead: {Instead}");

    private string Headline => Found is null ? $"{Subject}: {What}" : $"{Subject}: {Found} {What}";

    private static void AppendDetail(StringBuilder text, string name, string? detail)
    {
        if (detail is not null) text.Append("    ").Append(name.PadRight(9)).Append(detail).Append('\n');
    }
}
