namespace Fibril.Cli.Output;

/// <summary>Whoever read standard output is gone. No fault: it is how <c>| head</c> says "enough".</summary>
internal sealed class BrokenPipeException() : IOException("Nobody reads standard output any more.");
