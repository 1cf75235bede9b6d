namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The path of a file with the password of the administrator, for containers whose secrets are mounted files.</summary>
internal sealed class AdminPasswordFileSetting() : SettingDefinition(
    Settings.AdminPasswordFile, "File with nothing but the password of the administrator.", "FIBRIL_ADMIN_PASSWORD_FILE", flag: null)
{
    private const string Example = "/run/secrets/fibril";

    private static readonly ValueKind<string?> Path = Kind.OptionalPath("none");

    public override bool IsSecret => false;

    public override string Placeholder => Path.Placeholder;

    public override string? Range => null;

    public override string Default => "none";

    public override string WriteToml(BrokerOptions options) => Path.Write(options.Admin.Auth.PasswordFile, Notation.Toml);

    public override void Apply(RawValue raw, SettingTarget target)
    {
        Reading<string?> path = raw.Read(Path);
        if (path.Fault is not null)
            Add(ProblemKind.Value, path.Fault, raw, target);
        else if (path.Value is not null)
            ReadFile(path.Value, raw, target);
    }

    /// <summary>The password itself stands before this in the list of settings, so it is known here whether it was given.</summary>
    private void ReadFile(string path, RawValue raw, SettingTarget target)
    {
        if (target.Options.Admin.Auth.Password is not null)
        {
            Add(ProblemKind.Value, $"stands beside {Settings.AdminPassword}, which gives the password itself", raw, target);
        }
        else if (SecretFile.ReadPassword(path, target.ReadFile, out string fault) is { } password)
        {
            target.Options.Admin.Auth.PasswordFile = path;
            target.Options.Admin.Auth.Password = password;
        }
        else
        {
            Add(ProblemKind.File, fault, raw, target);
        }
    }

    private void Add(ProblemKind kind, string fault, RawValue raw, SettingTarget target) =>
        target.Problems.Add(new ConfigurationProblem(kind, Key, fault, raw.Source)
        {
            Found = raw.Shown,
            Allowed = $"the path of a text file with nothing but the password, or none and {Settings.AdminPassword}",
            Instead = raw.Source.Assign(Key, Printable.Spell(Example, raw.Source.Notation)),
        });
}
