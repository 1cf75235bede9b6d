namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The environment as the broker reads it: a blank value counts as not set.</summary>
internal sealed class EnvironmentVariables(IReadOnlyDictionary<string, string> environment)
{
    public const string ConfigFile = "FIBRIL_CONFIG";

    /// <summary>Read by the logging, not by a setting.</summary>
    public const string LogFilter = "FIBRIL_LOG";

    /// <summary>The secret of the cluster, which is a variable only.</summary>
    public const string ClusterSecret = "FIBRIL_CLUSTER_SECRET";

    private const string Prefix = "FIBRIL_";
    private const string GenericPrefix = "FIBRIL__";

    // Decoding replaces what is not Unicode with this character.
    private const char NotUnicode = '\uFFFD';

    private static readonly string[] NamedVariables =
    [
        ConfigFile, LogFilter, ClusterSecret, SeedUserVariables.UserName, SeedUserVariables.Password, SeedUserVariables.PasswordFile,
        .. Settings.All.Select(setting => setting.Variable).OfType<string>(),
    ];

    /// <summary>The value of a variable; null when it is not set.</summary>
    public string? Find(string name) =>
        environment.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? value : null;

    /// <summary>The value given to a setting by its own variable or its generic one; null when neither is set.</summary>
    public RawValue? ValueOf(SettingDefinition setting, ICollection<ConfigurationProblem> problems)
    {
        string? own = setting.Variable is null ? null : Find(setting.Variable), generic = Find(setting.GenericVariable);
        if (own is not null && generic is not null && own != generic)
        {
            problems.Add(Conflict(setting, own, generic));
            return null;
        }

        return own is not null ? new RawValue(new VariableSource(setting.Variable!), own)
            : generic is not null ? new RawValue(new VariableSource(setting.GenericVariable), generic)
            : null;
    }

    /// <summary>Reports generic variables without a setting, and values that are not Unicode.</summary>
    public void Check(ICollection<ConfigurationProblem> problems)
    {
        foreach (string name in SetNames(GenericPrefix).Where(name => !Settings.All.Any(setting => setting.GenericVariable == name)))
            problems.Add(Unknown(name));
        foreach (string name in NamedVariables.Concat(SetNames(GenericPrefix)))
        {
            if (Find(name)?.Contains(NotUnicode, StringComparison.Ordinal) != true) continue;
            problems.Add(new ConfigurationProblem(
                ProblemKind.Value, Printable.Line(name), "the value is not valid Unicode", new VariableSource(name))
            {
                Allowed = "UTF-8 text",
            });
        }
    }

    /// <summary>One line for every variable that looks like a misspelt one of ours.</summary>
    public IEnumerable<string> FindMisspelt()
    {
        // Not errors: other programs, and orchestrators that inject addresses, use names with this prefix too.
        foreach (string name in SetNames(Prefix))
        {
            if (name.StartsWith(GenericPrefix, StringComparison.Ordinal) || NamedVariables.Contains(name)) continue;
            string? near = Array.Find(NamedVariables, known => NearestName.CountEdits(name.ToUpperInvariant(), known) <= 2);
            if (near is not null) yield return $"environment variable {Printable.Line(name)} is not read; did you mean {near}?";
        }
    }

    private IEnumerable<string> SetNames(string prefix) =>
        environment.Keys
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && Find(name) is not null)
            .Order(StringComparer.Ordinal);

    private static ConfigurationProblem Unknown(string name) =>
        new(ProblemKind.UnknownVariable, Printable.Line(name), "no such setting", new VariableSource(name))
        {
            Allowed = GenericPrefix + "SECTION__KEY: the key in upper case, with two underscores for each dot",
            Instead = NearestName.Of(name, Settings.All.Select(setting => setting.GenericVariable)),
        };

    private static ConfigurationProblem Conflict(SettingDefinition setting, string own, string generic)
    {
        string says = setting.IsSecret ? "" : $": {Printable.Quote(own)} and {Printable.Quote(generic)}";
        string what = $"{setting.Variable} and {setting.GenericVariable} disagree{says}";
        return new ConfigurationProblem(ProblemKind.Value, setting.Key, what, new VariableSource(setting.Variable!))
        {
            Allowed = "one of the two variables, or both with the same value",
            Instead = $"unset {setting.GenericVariable}",
        };
    }
}
