using Fibril.Cli;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>Stands in for the world around fibrilctl in a test that needs no broker, and keeps what it says.</summary>
internal sealed class CommandLineRun : IDisposable
{
    private readonly Dictionary<string, string> _variables = [];
    private readonly Dictionary<string, string> _files = [];
    private readonly StringWriter _error = new();
    private readonly StringWriter _help = new();

    /// <param name="isTerminal">True when somebody sits there; nobody answers.</param>
    public CommandLineRun(bool isTerminal = false) => Context = new CliContext
    {
        Variable = _variables.GetValueOrDefault,
        ReadText = path => _files.TryGetValue(path, out string? text) ? text : throw new FileNotFoundException($"Could not find file '{path}'."),
        FileExists = _files.ContainsKey,
        WritePrivateText = (path, text) => _files[path] = text,
        OpenInput = () => new MemoryStream(Input),
        OpenOutput = () => Output,
        Error = _error,
        Help = _help,
        ErrorIsTerminal = isTerminal,
        InputIsTerminal = isTerminal,
        OutputIsTerminal = false,
        ScreenSize = static () => Fibril.Cli.Output.ScreenSize.Usual,
        WaitForKey = static () => throw new InvalidOperationException("Nobody sits there."),
        Edit = static (_, _) => throw new InvalidOperationException("Nobody sits there."),
        Time = Time,
    };

    public CliContext Context { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public byte[] Input { get; set; } = [];

    public MemoryStream Output { get; } = new();

    public string Error => _error.ToString();

    public string Help => _help.ToString();

    public CommandLineRun Variable(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    public CommandLineRun File(string path, string text)
    {
        _files[path] = text;
        return this;
    }

    public void Dispose()
    {
        _error.Dispose();
        _help.Dispose();
        Output.Dispose();
    }

    public Task<int> RunAsync(params string[] arguments) => CliApplication.RunAsync(arguments, Context, CancellationToken.None);
}
