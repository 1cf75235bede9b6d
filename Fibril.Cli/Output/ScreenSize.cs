namespace Fibril.Cli.Output;

/// <summary>How much fits on a terminal, in characters.</summary>
internal readonly record struct ScreenSize(int Width, int Height)
{
    /// <summary>That of a terminal which does not say.</summary>
    public static ScreenSize Usual => new(80, 24);

    /// <summary>That of the terminal at standard output, now.</summary>
    public static ScreenSize OfProcess() => Console.WindowWidth > 0 && Console.WindowHeight > 0 ? new(Console.WindowWidth, Console.WindowHeight) : Usual;
}
