namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The TOML file, split into values of settings and problems with keys.</summary>
internal sealed class ConfigFile
{
    private readonly string _path;
    private readonly Dictionary<string, RawValue> _values = [];
    private readonly List<ConfigurationProblem> _problems = [];

    private ConfigFile(string path) => _path = path;

    /// <summary>False when the file could not be read or parsed, so that nothing can be said about what it wants.</summary>
    public bool IsUsable { get; private set; } = true;

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    public static ConfigFile None { get; } = new("");

    /// <summary>Reads the file that <paramref name="named"/> names.</summary>
    public static ConfigFile Read(RawValue named, Func<string, string> readFile)
    {
        var file = new ConfigFile(named.Text!);
        if (TextFile.TryRead(file._path, readFile, out string text, out string fault))
            file.Parse(text);
        else
            file.AddUnreadable(named, fault);
        return file;
    }

    public RawValue? ValueOf(SettingDefinition setting) => _values.GetValueOrDefault(setting.Key);

    private void Parse(string text)
    {
        if (TomlText.Parse(text, out IReadOnlyList<TomlFault> faults) is { } root)
        {
            Walk(root, "");
            return;
        }

        IsUsable = false;
        foreach (TomlFault fault in faults)
        {
            _problems.Add(new ConfigurationProblem(
                ProblemKind.File, Printable.Line(_path), fault.What, new FileSource(_path, fault.Line, fault.Column)));
        }
    }

    private void Walk(FileTable table, string section)
    {
        foreach (FileEntry entry in table.Entries)
        {
            // A quoted key may hold dots of its own, which are no path.
            string name = entry.Name.Contains('.', StringComparison.Ordinal) ? Printable.TomlString(entry.Name) : entry.Name;
            string key = section.Length == 0 ? name : $"{section}.{name}";
            if (Settings.Find(key) is not null)
                _values[key] = new RawValue(new FileSource(_path, entry.Value.Line, entry.Value.Column), entry.Value);
            else if (!Settings.IsSection(key))
                AddUnknown(key, entry);
            else if (entry.Value is FileTable inner)
                Walk(inner, key);
            else
                AddNotSection(key, entry);
        }
    }

    private void AddUnknown(string key, FileEntry entry)
    {
        bool isSection = entry.Value is FileTable;
        string? near = isSection
            ? NearestName.OfKey(key, Settings.Sections) ?? NearestName.OfKey(key, Settings.Keys)
            : NearestName.OfKey(key, Settings.Keys);
        string section = key.LastIndexOf('.') is > 0 and var dot ? key[..dot] : "";
        _problems.Add(new ConfigurationProblem(
            ProblemKind.UnknownFileKey, Printable.Line(key), isSection ? "no such section" : "no such setting", PlaceOf(entry))
        {
            Allowed = Settings.DescribeContent(section),
            Instead = near is null ? null : Settings.IsSection(near) ? $"[{near}]" : SpellKey(near, section),
        });
    }

    private static string SpellKey(string key, string section)
    {
        if (key == Settings.SeedUsers) return $"[[{key}]]";
        SettingDefinition setting = Settings.Find(key)!;
        return $"{setting.Name} = ..." + (setting.Section == section ? "" : $" under [{setting.Section}]");
    }

    private void AddNotSection(string key, FileEntry entry) =>
        _problems.Add(new ConfigurationProblem(ProblemKind.Value, key, $"found {entry.Value.TypeName}, not a section", PlaceOf(entry))
        {
            Allowed = Settings.DescribeContent(key),
            Instead = $"[{key}] with one line for each key",
        });

    private void AddUnreadable(RawValue named, string fault)
    {
        IsUsable = false;
        _problems.Add(new ConfigurationProblem(ProblemKind.File, "configuration file", $"cannot be read: {fault}", named.Source)
        {
            Found = named.Shown,
            Allowed = "the path of a TOML file this process may read",
            Instead = named.Source.Assign("", "fibril.toml") + ", or nothing at all to run with defaults",
        });
    }

    private FileSource PlaceOf(FileEntry entry) => new(_path, entry.Line, entry.Column);
}
