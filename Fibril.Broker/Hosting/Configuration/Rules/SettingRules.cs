namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What has to fit together in the merged configuration.</summary>
internal sealed partial class SettingRules(BrokerOptions options, Func<string, SettingSource> sourceOf, SetupState setup)
{
    /// <summary>Returns what does not fit. Settings with a problem already are left alone: nobody chose their values.</summary>
    public IEnumerable<ConfigurationProblem> Check(IReadOnlyCollection<ConfigurationProblem> known)
    {
        IEnumerable<Rule> rules = [.. ListenerRules, .. AdminRules, .. TlsRules, .. CoordinationRules, .. OtherRules];
        return rules
            .Where(check => !known.Any(problem => check.Keys.Contains(problem.Subject)))
            .Select(check => check.Check())
            .OfType<ConfigurationProblem>();
    }

    /// <summary>What is allowed but should not go unnoticed.</summary>
    public IEnumerable<string> FindWarnings() => [.. AdminWarnings, .. TlsWarnings, .. WithoutEffect];

    private ConfigurationProblem Problem(string key, object found, string what, string allowed, object instead, string insteadNote = "")
    {
        SettingSource source = sourceOf(key);
        string spelled = instead is string text ? Printable.Spell(text, source.Notation) : $"{instead}";
        return new ConfigurationProblem(ProblemKind.Value, key, what, source)
        {
            Found = $"{found}",
            Allowed = allowed,
            Instead = source.Assign(key, spelled) + insteadNote,
        };
    }

    /// <summary>One rule, and the settings it looks at.</summary>
    private sealed record Rule(Func<ConfigurationProblem?> Check, params string[] Keys);
}
