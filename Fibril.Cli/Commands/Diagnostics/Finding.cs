namespace Fibril.Cli.Commands.Diagnostics;

/// <summary>How a check came out.</summary>
internal enum Verdict
{
    Good,
    Warning,
    Bad,
}

/// <summary>What one check found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">How it came out; only what is bad makes the whole fail.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do about it; null when nothing has to be done.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail, string? Remedy = null)
{
    public static Finding Good(string check, string detail) => new(check, Verdict.Good, detail);

    public static Finding Warning(string check, string detail, string remedy) => new(check, Verdict.Warning, detail, remedy);

    public static Finding Bad(string check, string detail, string? remedy) => new(check, Verdict.Bad, detail, remedy);

    public static Finding Of(string check, CliException failure) =>
        Bad(check, string.Join(": ", [failure.Message, .. failure.InnerException is { } cause ? (string[])[cause.Message] : []]), failure.Remedy);
}
