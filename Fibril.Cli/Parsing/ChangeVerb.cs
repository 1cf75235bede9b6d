using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;

namespace Fibril.Cli.Parsing;

/// <summary>A command that changes something which cannot easily be brought back.</summary>
internal abstract class ChangeVerb : AdminVerb
{
    private readonly Option<bool> _yes = Inputs.Flag("--yes", "Does not ask whether it is meant. Needed where nobody can be asked.");

    protected ChangeVerb(string name, string description, GlobalOptions global, CliContext context, OutputFormat? usual = null)
        : base(name, description, global, context, usual)
    {
        _yes.Aliases.Add("-y");
        Add(_yes);
    }

    /// <summary>Asks whether it is meant.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="what">What is going to happen, as the end of a question: "delete queue jobs with its 4 partitions".</param>
    /// <exception cref="CliException">It is not, or nobody can be asked.</exception>
    protected void Confirm(ParseResult parse, string what)
    {
        if (parse.GetValue(_yes)) return;
        if (Context is not { InputIsTerminal: true, ErrorIsTerminal: true })
            throw new CliException(ExitCode.Usage, $"nobody can be asked whether to {what}", "Add --yes if it is meant.");
        Context.Error.Write($"Really {what}? [y/N] ");
        Context.Error.Flush();
        if (Credentials.ReadLine(Context.OpenInput()).Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw new CliException(ExitCode.Failure, "not confirmed; nothing was changed");
    }
}
