namespace Fibril.Cli;

/// <summary>What the process ends with. Scripts branch on these: append only, never renumber.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Conflict = 4;
    public const int Authentication = 5;
    public const int NotReachable = 6;
    public const int TimedOut = 7;
    public const int Partial = 8;
    public const int NotAsExpected = 9;
    public const int Interrupted = 130;

    /// <summary>The codes with their meaning, as help shows them.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Success, "done"),
        (Failure, "it failed: a file, the configuration, a check, or the broker refused"),
        (Usage, "the command line is not understood, or --yes is missing"),
        (NotFound, "no such queue, stream, partition, message, user or other thing"),
        (Conflict, "it clashes with something that exists, is in use, is locked, or has changed"),
        (Authentication, "the broker does not accept the user name and password, or the user may not do this"),
        (NotReachable, "the broker or its admin API cannot be reached, or the connection broke"),
        (TimedOut, "it took longer than --timeout"),
        (Partial, "some of it was done, and some was not"),
        (NotAsExpected, "a message was not what --expect said"),
        (Interrupted, "interrupted by Ctrl-C or a request to terminate"),
    ];
}
