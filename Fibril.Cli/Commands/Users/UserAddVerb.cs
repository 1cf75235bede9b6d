using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary><c>user add</c> and <c>user passwd</c>: one operation under two names.</summary>
internal sealed class UserAddVerb : AdminVerb
{
    private readonly Argument<string> _user = Inputs.Name("user", "Name of the user: 1 to 128 bytes without spaces, not beginning with @.");
    private readonly UserPassword _password;
    private readonly Option<string?> _role = UserColumns.RoleOption();

    public UserAddVerb(string name, string description, GlobalOptions global, CliContext context) : base(name, description, global, context, OutputFormat.Json)
    {
        _password = new UserPassword(context);
        Add(_user);
        _password.AddTo(this);
        Add(_role);
        Notes = ["Adds the user, or gives an existing one another password; role and permissions that are not given stay. On a terminal it asks for the password."];
        Examples =
        [
            new($"fibrilctl user {name} app", "Asks for the password."),
            new($"fibrilctl user {name} app --user-password-stdin < app.txt", "Takes it from a file."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults) => _password.Check(parse, Global, faults);

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string user = parse.GetRequiredValue(_user);
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(
            new Route("/admin/api/users"), new SetUserRequest(user, _password.Read(parse, user), parse.GetValue(_role)), AdminJson.Default.SetUserRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(document => $"user {document.At("username").Text()} can sign in with this password now")));
        return ExitCode.Success;
    }
}
