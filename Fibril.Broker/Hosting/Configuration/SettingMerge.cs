using Fibril.Broker.Sessions;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Lays the sources over each other. Only what wins can stop the start; what is overridden can be worth a warning.</summary>
internal sealed class SettingMerge(Func<string, string> readFile)
{
    private readonly Dictionary<string, SettingSource> _sources =
        Settings.Keys.ToDictionary(key => key, SettingSource (_) => DefaultSource.Instance);

    public BrokerOptions Options { get; } = new();

    public IReadOnlyDictionary<string, SettingSource> Sources => _sources;

    public List<ConfigurationProblem> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>Gives a setting the value of its strongest source.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="values">What each source says, weakest first; null where it says nothing.</param>
    public void Apply(SettingDefinition setting, params IEnumerable<RawValue?> values)
    {
        RawValue[] given = [.. values.OfType<RawValue>()];
        if (given.Length == 0) return;
        RawValue winner = given[^1];
        _sources[setting.Key] = winner.Source;

        foreach (RawValue overridden in given[..^1])
        {
            var ignored = new List<ConfigurationProblem>();
            setting.Apply(overridden, new SettingTarget(new BrokerOptions(), ignored, readFile));
            Warnings.AddRange(ignored.Select(problem => $"{problem.ToWarning()} (ignored, {winner.Source} overrides it)"));
        }

        setting.Apply(winner, new SettingTarget(Options, Problems, readFile));
    }

    /// <summary>True when a setting of the section has another value than its default.</summary>
    public bool IsChanged(string section)
    {
        var defaults = new BrokerOptions();
        return Settings.All.Any(setting => setting.Section == section && setting.WriteToml(Options) != setting.WriteToml(defaults));
    }

    /// <summary>Gives the settings of those sections in which nothing was changed what a file says.</summary>
    public void ApplyWhereUnchanged(ConfigFile file, IEnumerable<string> sections)
    {
        foreach (string section in sections.Where(section => !IsChanged(section)).ToArray())
        {
            foreach (SettingDefinition setting in Settings.All.Where(setting => setting.Section == section)) Apply(setting, file.ValueOf(setting));
        }
    }

    /// <summary>Adds the user of the environment to those of the list.</summary>
    public void AddSeedUser(ConfiguredUser user)
    {
        SettingSource list = _sources[Settings.SeedUsers];
        var variable = new VariableSource(SeedUserVariables.UserName);
        if (Options.Auth.Users.Exists(known => known.UserName == user.UserName))
        {
            string what = $"{Printable.Quote(user.UserName)} stands in {Settings.SeedUsers} already ({list})";
            Problems.Add(new ConfigurationProblem(ProblemKind.Value, SeedUserVariables.UserName, what, variable)
            {
                Allowed = "each user once",
                Instead = $"remove the user there, or unset {SeedUserVariables.UserName}",
            });
            return;
        }

        Options.Auth.Users.Add(user);
        _sources[Settings.SeedUsers] = list is DefaultSource ? variable : new JoinedSource(list, variable);
    }
}
