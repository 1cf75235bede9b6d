using System.CommandLine;
using System.Text;
using System.Text.Json;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Parsing;

/// <summary>A command line that help shows, and what it does.</summary>
internal sealed record Example(string CommandLine, string Does);

/// <summary>A command with what its help teaches.</summary>
internal class TeachingCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines to learn from.</summary>
    public IReadOnlyList<Example> Examples { get; protected init; } = [];

    /// <summary>Paragraphs that options alone do not tell.</summary>
    public IReadOnlyList<string> Notes { get; protected init; } = [];
}

/// <summary>A command that does something.</summary>
internal abstract class Verb : TeachingCommand
{
    protected Verb(string name, string description, GlobalOptions global, CliContext context) : base(name, description)
    {
        Global = global;
        Context = context;
        SetAction((parse, cancellationToken) => RunAsync(parse, global.CreateTalk(parse, context), cancellationToken));
    }

    protected GlobalOptions Global { get; }

    protected CliContext Context { get; }

    /// <summary>Adds what the options of a command line contradict each other in. Their values are all well-formed by then.</summary>
    public virtual void Check(ParseResult parse, ICollection<string> faults)
    {
    }

    /// <summary>Writes to standard output.</summary>
    protected void Write(string text)
    {
        using Stream output = Context.OpenOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes a document to standard output.</summary>
    protected void Print(JsonElement document, View view, OutputFormat format)
    {
        using Stream output = Context.OpenOutput();
        new Printer(output, format, Context.Time).Print(document, view);
    }

    protected void AddOptions(params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options) Add(option);
    }

    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken);
}
