namespace Fibril.Cli;

/// <summary>A failure that is explained already: what went wrong, what to do about it, and the exit code.</summary>
internal sealed class CliException(int exitCode, string message, string? remedy = null, Exception? cause = null)
    : Exception(message, cause)
{
    public int ExitCode => exitCode;

    /// <summary>What the user can do, as a sentence; null when there is nothing to advise.</summary>
    public string? Remedy => remedy;
}
