using Fibril.Broker.Sessions;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The list of users. Outside the file it is written as an inline TOML list; its passwords are never shown.</summary>
internal sealed class SeedUsersSetting(string key, string description) : SettingDefinition(key, description, variable: null, flag: null)
{
    private const string Example = """[{ username = "...", password = "..." }]""";

    public override bool IsSecret => true;

    public override string Placeholder => Example;

    public override string? Range => null;

    public override string Default => "none";

    public override string WriteToml(BrokerOptions options)
    {
        if (options.Auth.Users.Count == 0) return "[]";
        string password = Printable.TomlString(UserRules.Redacted);
        IEnumerable<string> users = options.Auth.Users.Select(user =>
            $"{{ username = {Printable.TomlString(user.UserName)}, password = {password} }}");
        return $"[{string.Join(", ", users)}]";
    }

    public override void Apply(RawValue raw, SettingTarget target)
    {
        FileNode? node = raw.Node ?? TomlText.ParseValue(raw.Text!);
        if (node is FileList list)
        {
            target.Options.Auth.Users = new SeedUsersReader(Key, raw, target).Read(list);
            return;
        }

        string what = node is null ? "the value is not TOML" : $"found {node.TypeName}, not a list of users";
        target.Problems.Add(new ConfigurationProblem(ProblemKind.Value, Key, what, raw.Source)
        {
            Allowed = "a list of tables with username and password, or password_file",
            Instead = raw.Source is FileSource ? $"[[{Key}]] with lines for username and password" : raw.Source.Assign(Key, Example),
        });
    }
}
