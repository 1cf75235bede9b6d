using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Fibril.Cli.Commands;
using Fibril.Cli.Parsing;

namespace Fibril.Cli;

/// <summary>The tree of commands.</summary>
internal sealed class FibrilctlCommand
{
    // Neither response files nor bundled options: a message may begin with '@', and there are no one-letter options to bundle.
    private static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly RootCommand _root;

    public FibrilctlCommand(CliContext context)
    {
        _root = new RootCommand("fibrilctl: the command line tool of the Fibril message broker");
        _root.Options.Clear();
        _root.Directives.Clear();
        Global.AddTo(_root);
        _root.Add(new Option<bool>("--version") { Recursive = true, Description = "Prints the version.", Action = new PrintVersion(context.Help) });
        _root.Add(new HelpOption("--help", "-h") { Description = "Explains the command.", Action = new HelpText(context.Help) });

        var queue = new QueueCommand();
        queue.Add(new QueueDeclareVerb(Global, context));
        queue.Add(new PublishVerb(Global, context));
        queue.Add(new ConsumeVerb(Global, context));
        queue.Add(new HelpVerb(queue, Explain));

        _root.Add(new PingVerb(Global, context));
        _root.Add(queue);
        _root.Add(new PublishVerb(Global, context));
        _root.Add(new ConsumeVerb(Global, context));
        _root.Add(new HelpVerb(_root, Explain));
    }

    public GlobalOptions Global { get; } = new();

    public ParseResult Parse(IReadOnlyList<string> arguments) => _root.Parse(arguments, Configuration);

    private int Explain(ParseResult asked, IReadOnlyList<string> path)
    {
        ParseResult parse = Parse([.. path, "--help"]);
        if (parse.UnmatchedTokens is [string unknown, ..])
            throw new CliException(ExitCode.Usage, $"there is no command '{unknown}' to explain", "See fibrilctl --help.");
        return parse.Invoke(asked.InvocationConfiguration);
    }

    private sealed class QueueCommand : TeachingCommand
    {
        public QueueCommand() : base("queue", "Declares queues, publishes to them, consumes them.") => Examples =
        [
            new("fibrilctl queue declare jobs --partitions 4", "Creates a queue."),
            new("fibrilctl queue publish jobs --message hello", "Publishes a message; as does 'fibrilctl publish jobs hello'."),
            new("fibrilctl queue consume jobs", "Takes a message; as does 'fibrilctl consume jobs'."),
        ];
    }

    private sealed class PrintVersion(TextWriter output) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            string version = typeof(PrintVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
            output.WriteLine($"fibrilctl {version.Split('+')[0]}");
            return ExitCode.Success;
        }
    }
}
