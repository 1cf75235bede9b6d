using System.CommandLine;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands;

/// <summary>Prints a script that lets a shell complete command lines.</summary>
internal sealed class CompletionVerb : Verb
{
    private const string Bash = $$"""
        _fibrilctl() {
            local line="${COMP_LINE:0:COMP_POINT}"
            mapfile -t COMPREPLY < <(fibrilctl {{CompleteVerb.Word}} -- "$line" 2>/dev/null)
        }
        complete -o default -F _fibrilctl fibrilctl

        """;

    private const string Zsh = $$"""
        #compdef fibrilctl
        _fibrilctl() {
            local -a proposals
            proposals=("${(@f)$(fibrilctl {{CompleteVerb.Word}} -- "$LBUFFER" 2>/dev/null)}")
            compadd -a proposals
        }
        compdef _fibrilctl fibrilctl

        """;

    private const string Fish = $$"""
        complete -c fibrilctl -f -a '(fibrilctl {{CompleteVerb.Word}} -- (commandline -cp) 2>/dev/null)'

        """;

    private const string PowerShell = $$"""
        Register-ArgumentCompleter -Native -CommandName fibrilctl -ScriptBlock {
            param($word, $ast, $cursor)
            $line = $ast.ToString()
            if ($cursor -gt $line.Length) { $line = $line.PadRight($cursor) } else { $line = $line.Substring(0, $cursor) }
            fibrilctl {{CompleteVerb.Word}} -- "$line" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;

    private readonly Argument<string> _shell = Inputs.Name("shell", "bash, zsh, fish or pwsh.");

    public CompletionVerb(GlobalOptions global, CliContext context) : base("completion", "Prints a script that lets your shell complete fibrilctl's command lines.", global, context)
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        Add(_shell);
        Examples =
        [
            new("source <(fibrilctl completion bash)", "For this shell; put it into ~/.bashrc for all."),
            new("fibrilctl completion zsh > \"${fpath[1]}/_fibrilctl\"", "For zsh."),
            new("fibrilctl completion fish > ~/.config/fish/completions/fibrilctl.fish", "For fish."),
            new("fibrilctl completion pwsh | Out-String | Invoke-Expression", "For PowerShell; put it into $PROFILE for all."),
        ];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string script = parse.GetRequiredValue(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        };
        Write(script);
        return Task.FromResult(ExitCode.Success);
    }
}
