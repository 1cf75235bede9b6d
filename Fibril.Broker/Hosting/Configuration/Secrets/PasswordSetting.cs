namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A password. It is never shown, and a printed configuration holds a placeholder for it.</summary>
internal sealed class PasswordSetting(
    string key, string description, Func<BrokerOptions, string?> get, Action<BrokerOptions, string?> set, string? variable, string? flag)
    : SettingDefinition(key, description, variable, flag)
{
    public override bool IsSecret => true;

    public override string Placeholder => "PASSWORD";

    public override string? Range => null;

    public override string Default => "none";

    public override string WriteToml(BrokerOptions options) => Printable.TomlString(get(options) is null ? "" : UserRules.Redacted);

    public override void Apply(RawValue raw, SettingTarget target)
    {
        string? text = raw.Node is null ? raw.Text : (raw.Node as FileText)?.Value;
        string? fault = text is null ? $"found {raw.Node!.TypeName}, not text in quotes"
            : text.Length == 0 ? null
            : UserRules.ExplainPassword(text);
        if (fault is null)
        {
            set(target.Options, text is "" ? null : text);
            return;
        }

        bool inFile = raw.Source.Notation == Notation.Toml;
        target.Problems.Add(new ConfigurationProblem(ProblemKind.Value, Key, fault, raw.Source)
        {
            Allowed = inFile ? UserRules.AllowedPassword : "a password that is not blank",
            Instead = raw.Source.Assign(Key, inFile ? "\"...\"" : "..."),
        });
    }
}
