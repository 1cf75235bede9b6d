using System.Text;

namespace Fibril.Cli;

/// <summary>What the tool sees of the world around it. Tests give their own.</summary>
internal sealed class CliContext
{
    /// <summary>An environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Reads a file in UTF-8.</summary>
    public required Func<string, string> ReadText { get; init; }

    public required Func<string, bool> FileExists { get; init; }

    /// <summary>Writes a file that only its owner can read, completely or not at all; makes its directory when that is missing.</summary>
    public required Action<string, string> WritePrivateText { get; init; }

    /// <summary>Standard input, opened when it is needed.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Standard output, opened when it is needed. Writing throws <see cref="Output.BrokenPipeException"/> when nobody reads any more.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Where help goes.</summary>
    public required TextWriter Help { get; init; }

    /// <summary>True when a person may sit at standard error.</summary>
    public required bool ErrorIsTerminal { get; init; }

    /// <summary>True when a person may sit at standard input.</summary>
    public required bool InputIsTerminal { get; init; }

    /// <summary>True when a person may sit at standard output.</summary>
    public required bool OutputIsTerminal { get; init; }

    /// <summary>How large the terminal at standard output is now.</summary>
    public required Func<Output.ScreenSize> ScreenSize { get; init; }

    /// <summary>Waits until somebody presses a key, which is not shown. Only where standard input is a terminal.</summary>
    public required Func<char> WaitForKey { get; init; }

    /// <summary>Lets somebody edit a text.</summary>
    public required Func<string, CancellationToken, Task<Output.EditedText>> Edit { get; init; }

    /// <summary>What time it is.</summary>
    public required TimeProvider Time { get; init; }

    public static CliContext OfProcess() => new()
    {
        Variable = static name => Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null,
        ReadText = static path => File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)),
        FileExists = File.Exists,
        WritePrivateText = Output.PrivateFile.Write,
        OpenInput = Console.OpenStandardInput,
        OpenOutput = Output.StandardOutput.Open,
        Error = Console.Error,
        Help = Console.Out,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
        OutputIsTerminal = !Console.IsOutputRedirected,
        ScreenSize = Output.ScreenSize.OfProcess,
        WaitForKey = static () => Console.ReadKey(intercept: true).KeyChar,
        Edit = Output.TextEditor.EditAsync,
        Time = TimeProvider.System,
    };
}
