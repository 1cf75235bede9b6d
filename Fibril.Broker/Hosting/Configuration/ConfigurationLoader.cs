using System.Reflection;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Makes one configuration of defaults, choices of the setup, TOML file, environment and command line, each overriding the ones before.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Reads and checks everything once, after merging, and reports all problems together.</summary>
    /// <param name="arguments">The command line without the name of the program.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="readFile">
    /// Returns the text of a file. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when it cannot be
    /// read, and an <see cref="ArgumentException"/> when it is not text or the path cannot be one.
    /// </param>
    public static ConfigurationOutcome Load(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, Func<string, string> readFile)
    {
        var commandLine = new CommandLine(arguments);
        return commandLine.Mode switch
        {
            CommandMode.Help => new ConfigurationAnswer(HelpText.Render(), []),
            CommandMode.Version => new ConfigurationAnswer($"fibril-server {Version}\n", []),
            _ => LoadMerged(commandLine, new EnvironmentVariables(environment), readFile),
        };
    }

    private static string Version
    {
        get
        {
            var version = typeof(ConfigurationLoader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
            return version.InformationalVersion.Split('+')[0];   // what follows is the commit
        }
    }

    private static ConfigurationOutcome LoadMerged(CommandLine commandLine, EnvironmentVariables variables, Func<string, string> readFile)
    {
        ConfigFile file = FindFile(commandLine, variables) is { } named ? ConfigFile.Read(named, readFile) : ConfigFile.None;
        SettingMerge merge = Merge(file, variables, commandLine, readFile);

        // Without the file nobody knows where the data directory is, and nothing starts.
        SetupState setup = file.IsUsable ? SetupOverlay.Apply(merge, readFile) : SetupState.Done;
        var rules = new SettingRules(merge.Options, key => merge.Sources[key], setup);

        List<ConfigurationProblem> problems = [.. commandLine.Problems, .. file.Problems, .. merge.Problems];

        // Without the file, a rule would judge a configuration that nobody wrote.
        if (file.IsUsable) problems.AddRange([.. rules.Check(problems)]);

        List<string> warnings = [.. merge.Warnings, .. variables.FindMisspelt()];
        if (commandLine.AllowsUnknownKeys)
        {
            warnings.AddRange(problems.Where(IsUnknownKey).Select(problem => problem.ToWarning()));
            problems.RemoveAll(IsUnknownKey);
        }

        if (problems.Count > 0) return new ConfigurationRefusal([.. problems.OrderBy(PlaceInFile)], warnings);
        return Answer(commandLine.Mode, new LoadedConfiguration(merge.Options, merge.Sources, [.. warnings, .. rules.FindWarnings()]) { Setup = setup });
    }

    private static ConfigurationOutcome Answer(CommandMode mode, LoadedConfiguration loaded) =>
        mode switch
        {
            CommandMode.CheckConfig => new ConfigurationAnswer("configuration is valid\n", loaded.Warnings),
            CommandMode.PrintConfig =>
                new ConfigurationAnswer(EffectiveConfiguration.Render(loaded.Options, loaded.Sources), loaded.Warnings),
            _ => loaded,
        };

    private static RawValue? FindFile(CommandLine commandLine, EnvironmentVariables variables)
    {
        if (commandLine.ConfigPath is not null) return commandLine.ConfigPath;
        string? path = variables.Find(EnvironmentVariables.ConfigFile);
        return path is null ? null : new RawValue(new VariableSource(EnvironmentVariables.ConfigFile), path);
    }

    private static SettingMerge Merge(
        ConfigFile file, EnvironmentVariables variables, CommandLine commandLine, Func<string, string> readFile)
    {
        var merge = new SettingMerge(readFile);
        variables.Check(merge.Problems);
        var values = new SettingValues(file, variables, commandLine, merge.Problems);
        foreach (SettingDefinition setting in Settings.All) merge.Apply(setting, values.Of(setting));
        if (SeedUserVariables.Read(variables, readFile, merge.Problems) is { } user) merge.AddSeedUser(user);
        return merge;
    }

    private static bool IsUnknownKey(ConfigurationProblem problem) => problem.Kind == ProblemKind.UnknownFileKey;

    private static (int, int, int) PlaceInFile(ConfigurationProblem problem) =>
        problem.Source is FileSource place ? (0, place.Line, place.Column) : (1, 0, 0);
}
