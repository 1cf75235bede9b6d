namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What every source says about each setting, weakest first.</summary>
internal sealed class SettingValues
{
    private readonly ConfigFile _file;
    private readonly CommandLine _commandLine;
    private readonly Dictionary<string, RawValue> _variables = [];

    public SettingValues(
        ConfigFile file, EnvironmentVariables variables, CommandLine commandLine, ICollection<ConfigurationProblem> problems)
    {
        _file = file;
        _commandLine = commandLine;
        foreach (SettingDefinition setting in Settings.All)
        {
            if (variables.ValueOf(setting, problems) is { } value) _variables[setting.Key] = value;
        }
    }

    /// <summary>The values of one setting; null where a source says nothing.</summary>
    public IEnumerable<RawValue?> Of(SettingDefinition setting)
    {
        RawValue? inFile = _file.ValueOf(setting), variable = _variables.GetValueOrDefault(setting.Key), flag = _commandLine.ValueOf(setting);
        return setting.Key switch
        {
            Settings.DurabilityMode => [inFile, Durability is { } whole ? DurabilityVariable.ModeOf(whole) : variable, flag],
            Settings.DurabilityNodes => [inFile, Durability is { } whole ? DurabilityVariable.NodesOf(whole) : null, variable, flag],
            Settings.CleanupEnabled => [inFile, Enables(_variables.GetValueOrDefault(Settings.CleanupEvictAfter)), variable, Enables(EvictAfterFlag), flag],
            _ => [inFile, variable, flag],
        };
    }

    private RawValue? Durability =>
        _variables.GetValueOrDefault(Settings.DurabilityMode) is { Source: VariableSource { Name: DurabilityVariable.Name } } whole ? whole : null;

    private RawValue? EvictAfterFlag => _commandLine.ValueOf(Settings.Find(Settings.CleanupEvictAfter)!);

    /// <summary>Whoever says by its own variable or flag after what time idle queues go wants them to go.</summary>
    private static RawValue? Enables(RawValue? evictAfter)
    {
        SettingDefinition setting = Settings.Find(Settings.CleanupEvictAfter)!;
        bool isItsOwn = evictAfter?.Source switch
        {
            VariableSource variable => variable.Name == setting.Variable,
            FlagSource flag => flag.Flag == setting.Flag,
            _ => false,
        };
        return isItsOwn ? new RawValue(evictAfter!.Source, "true") : null;
    }
}
