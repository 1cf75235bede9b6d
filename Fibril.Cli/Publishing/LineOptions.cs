namespace Fibril.Cli.Publishing;

/// <summary>How lines are published.</summary>
/// <param name="InFlight">Most confirmations that are awaited at a time; null asks for none.</param>
/// <param name="Skip">Lines at the start that are not published.</param>
/// <param name="MaxLineBytes">Longest accepted line.</param>
internal sealed record LineOptions(int? InFlight, long Skip, int MaxLineBytes);
