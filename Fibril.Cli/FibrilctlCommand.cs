using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Fibril.Cli.Commands;
using Fibril.Cli.Parsing;

namespace Fibril.Cli;

/// <summary>The tree of commands.</summary>
internal sealed partial class FibrilctlCommand
{
    // Neither response files nor bundled options: a message may begin with '@', and there are too few one-letter options to bundle.
    private static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly RootCommand _root;
    private readonly CliContext _context;

    public FibrilctlCommand(CliContext context)
    {
        _context = context;
        _root = new RootCommand("fibrilctl: the command line tool of the Fibril message broker");
        _root.Options.Clear();
        _root.Directives.Clear();
        Global.AddTo(_root);
        _root.Add(new Option<bool>("--version") { Recursive = true, Description = "Prints the version.", Action = new PrintVersion(context.Help) });
        _root.Add(new HelpOption("--help", "-h") { Description = "Explains the command.", Action = new HelpText(context.Help) });
        foreach (Command command in MessagingCommands().Concat(AdministrationCommands()).Concat(LocalCommands())) _root.Add(command);
        _root.Add(new HelpVerb(_root, Explain));
        _root.Add(new CompleteVerb(context, line => _root.Parse(line, Configuration)));
    }

    public GlobalOptions Global { get; } = new();

    /// <summary>The root of the tree.</summary>
    public Command Root => _root;

    public ParseResult Parse(IReadOnlyList<string> arguments) => _root.Parse(arguments, Configuration);

    private CommandGroup Group(string name, string description, Example example, params Example[] more) => new(name, description, Explain, [example, .. more]);

    private int Explain(ParseResult asked, IReadOnlyList<string> path)
    {
        ParseResult parse = Parse([.. path, "--help"]);
        if (parse.UnmatchedTokens is [string unknown, ..])
            throw new CliException(ExitCode.Usage, $"there is no command '{unknown}' to explain", "See fibrilctl --help.");
        return parse.Invoke(asked.InvocationConfiguration);
    }

    private sealed class PrintVersion(TextWriter output) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            output.WriteLine($"fibrilctl {VersionVerb.Own}");
            return ExitCode.Success;
        }
    }
}
