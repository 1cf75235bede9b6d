namespace Fibril.Broker.Hosting.Configuration;

// Arguments are never echoed whole: one that is not understood may be the password of one that was mistyped.
/// <summary>The command line, split into values of settings and what else it asks for.</summary>
internal sealed class CommandLine
{
    private readonly IReadOnlyList<string> _arguments;
    private readonly Dictionary<string, RawValue> _values = [];
    private readonly List<ConfigurationProblem> _problems = [];
    private int _next;

    public CommandLine(IReadOnlyList<string> arguments)
    {
        _arguments = arguments;
        while (_next < arguments.Count) ReadArgument(arguments[_next++]);
    }

    public CommandMode Mode { get; private set; }

    public bool AllowsUnknownKeys { get; private set; }

    /// <summary>The value of <c>--config</c>; null when it is not given.</summary>
    public RawValue? ConfigPath { get; private set; }

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    public RawValue? ValueOf(SettingDefinition setting) => _values.GetValueOrDefault(setting.Key);

    private static IEnumerable<string> KnownFlags =>
        CommandFlag.All.Select(flag => flag.Name).Concat(Settings.All.Select(setting => setting.Flag).OfType<string>());

    private void ReadArgument(string argument)
    {
        if (argument == "-h")
        {
            Mode = CommandMode.Help;
            return;
        }

        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? argument : argument[..equals];
        string? attached = equals < 0 ? null : argument[(equals + 1)..];
        if (CommandFlag.All.FirstOrDefault(flag => flag.Name == name) is { } known)
            ReadCommandFlag(known, attached);
        else if (Settings.All.FirstOrDefault(setting => setting.Flag == name) is { } setting)
            ReadSettingFlag(setting, attached);
        else
            RefuseArgument(name, attached);
    }

    private void ReadCommandFlag(CommandFlag flag, string? attached)
    {
        if (flag.Placeholder is not null)
        {
            if (TakeValue(flag.Name, flag.Placeholder, attached) is not { } value) return;
            if (flag == CommandFlag.Set) ReadAssignment(value);
            else ReadConfigPath(value);
        }
        else if (attached is not null)
        {
            AddUsage(flag.Name, "a value that it does not take", "the flag alone", flag.Name);
        }
        else
        {
            Mode = flag.Mode > Mode ? flag.Mode : Mode;
            AllowsUnknownKeys |= flag == CommandFlag.AllowUnknown;
        }
    }

    private void ReadSettingFlag(SettingDefinition setting, string? attached)
    {
        if (TakeValue(setting.Flag!, setting.Placeholder, attached) is { } value)
            AddValue(setting, new RawValue(new FlagSource(setting.Flag!), value));
    }

    private void ReadConfigPath(string value)
    {
        var path = new RawValue(new FlagSource(CommandFlag.Config.Name), value);
        if (string.IsNullOrWhiteSpace(value))
            AddUsage(CommandFlag.Config.Name, "an empty path", "a path", "--config fibril.toml");
        else if (ConfigPath is not null && ConfigPath.Text != value)
            AddUsage(CommandFlag.Config.Name, "given twice", "one file", "--config " + Printable.Line(ConfigPath.Text!));
        else
            ConfigPath = path;
    }

    private void ReadAssignment(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? assignment : assignment[..equals];
        if (Settings.Find(key) is not { } setting)
        {
            string? near = NearestName.OfKey(key, Settings.Keys);
            string subject = equals < 0 ? "--set" : $"--set {Printable.Line(key)}";
            AddUsage(subject, "no such setting", "KEY=VALUE with a key of --help", near is null ? null : $"--set {near}=...");
        }
        else if (equals < 0)
        {
            AddUsage($"--set {key}", "no value", "KEY=VALUE without spaces around =", $"--set {key}=...");
        }
        else
        {
            AddValue(setting, new RawValue(new FlagSource("--set", key), assignment[(equals + 1)..]));
        }
    }

    private void AddValue(SettingDefinition setting, RawValue value)
    {
        if (_values.TryAdd(setting.Key, value) || _values[setting.Key].Text == value.Text) return;
        string shown = setting.IsSecret ? "" : $": {_values[setting.Key].Shown} and {value.Shown}";
        AddUsage(setting.Key, $"given twice on the command line{shown}", "one value", "leave one of the two out");
    }

    private string? TakeValue(string flag, string placeholder, string? attached)
    {
        if (attached is not null) return attached;
        if (_next < _arguments.Count && !LooksLikeFlag(_arguments[_next])) return _arguments[_next++];
        AddUsage(flag, "no value", "a value after the flag", $"{flag} {placeholder}");
        return null;
    }

    private void RefuseArgument(string name, string? attached)
    {
        string? near = NearestName.Of("--" + name.TrimStart('-'), KnownFlags);
        if (!name.StartsWith('-'))
        {
            bool isAssignment = attached is not null && Settings.Find(name) is not null;
            AddUsage(
                $"argument {_next}", "follows no flag that takes a value", "--flag VALUE or --flag=VALUE",
                isAssignment ? $"--set {name}=..." : near);
            return;
        }

        AddUsage(NameIn(name), "no such flag", "a flag of --help, or --set KEY=VALUE", near);
        bool hasValue = attached is null && _next < _arguments.Count && !LooksLikeFlag(_arguments[_next]);
        if (hasValue) _next++;
    }

    // What follows the name of a mistyped flag without a space (-pSECRET, --password:SECRET) is left out.
    private static string NameIn(string flag)
    {
        if (!flag.StartsWith("--", StringComparison.Ordinal)) return flag.Length > 2 ? flag[..2] + "..." : Printable.Line(flag);
        int end = flag.AsSpan().IndexOfAnyExcept(FlagCharacters);
        return end < 0 ? flag : flag[..end] + "...";
    }

    private static bool LooksLikeFlag(string argument) => argument == "-h" || argument.StartsWith("--", StringComparison.Ordinal);

    private void AddUsage(string subject, string what, string allowed, string? instead) =>
        _problems.Add(new ConfigurationProblem(ProblemKind.Usage, subject, what, new FlagSource($"argument {_next}"))
        {
            Allowed = allowed,
            Instead = instead,
        });

    private static readonly System.Buffers.SearchValues<char> FlagCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}
