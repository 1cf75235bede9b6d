namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What loading the configuration came to. <see cref="Warnings"/> are single lines for stderr, without a prefix.</summary>
internal abstract record ConfigurationOutcome(IReadOnlyList<string> Warnings);

/// <summary>A valid configuration to start with.</summary>
/// <param name="Options">The merged options.</param>
/// <param name="Sources">Where each setting got its value, by key; complete.</param>
/// <param name="Warnings">What the operator should know although it does not stop the start.</param>
internal sealed record LoadedConfiguration(
    BrokerOptions Options, IReadOnlyDictionary<string, SettingSource> Sources, IReadOnlyList<string> Warnings)
    : ConfigurationOutcome(Warnings)
{
    /// <summary>Whether something is to be asked first; the configuration is then loaded again with the answers.</summary>
    public SetupState Setup { get; init; }
}

/// <summary>The command line asked for text, such as the help: print it to stdout and exit with 0.</summary>
internal sealed record ConfigurationAnswer(string Text, IReadOnlyList<string> Warnings) : ConfigurationOutcome(Warnings);

/// <summary>Nothing can be started: print <see cref="Text"/> to stderr and exit with <see cref="ExitCode"/>.</summary>
/// <param name="Problems">Every problem found, those of the file first and in its order; never empty.</param>
/// <param name="Warnings">As in the other outcomes.</param>
internal sealed record ConfigurationRefusal(IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<string> Warnings)
    : ConfigurationOutcome(Warnings)
{
    /// <summary>2 when the command line could not be understood, else 1.</summary>
    public int ExitCode => Problems.Any(problem => problem.Kind == ProblemKind.Usage) ? 2 : 1;

    public string Text
    {
        get
        {
            string count = Problems.Count == 1 ? "1 problem" : $"{Problems.Count} problems";
            string footer = Problems.Any(problem => problem.Kind == ProblemKind.UnknownFileKey)
                ? "--allow-unknown-config turns unknown keys of the file into warnings. "
                : "";
            return $"""
                fibril-server did not start: {count} in the configuration.

                {string.Join("\n", Problems)}
                {footer}fibril-server --help lists every setting.

                """;
        }
    }
}
