using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Users;

/// <summary>The password that a user gets: an option, the first line of standard input, or what somebody types.</summary>
internal sealed class UserPassword(CliContext context)
{
    private readonly Option<string?> _password = Inputs.Text("--user-password", "text", "Password that the user gets. Others can see it in the list of processes.");
    private readonly Option<bool> _fromInput = Inputs.Flag("--user-password-stdin", "Reads it from the first line of standard input.");

    public void AddTo(Command command)
    {
        command.Add(_password);
        command.Add(_fromInput);
    }

    public void Check(ParseResult parse, GlobalOptions global, ICollection<string> faults)
    {
        bool isGiven = parse.GetResult(_password) is not null, isOnInput = parse.GetValue(_fromInput);
        if (isGiven && isOnInput) faults.Add("--user-password and --user-password-stdin exclude each other.");
        if (isOnInput && global.PasswordIsOnInput(parse)) faults.Add("--password-stdin and --user-password-stdin cannot both come from standard input.");
        if (!isGiven && !isOnInput && context is not { InputIsTerminal: true, ErrorIsTerminal: true })
            faults.Add("Give the password of the user with --user-password or --user-password-stdin.");
    }

    public string Read(ParseResult parse, string user) =>
        parse.GetValue(_password) ?? (parse.GetValue(_fromInput) ? Credentials.ReadFirstLine(context.OpenInput()) : Credentials.Ask($"{user} from now on", context.Error));
}
