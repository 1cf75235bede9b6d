using System.Text;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Whether the first start asks for anything.</summary>
internal enum SetupState
{
    /// <summary>It was not asked for, or it is done.</summary>
    Done,

    /// <summary>It was asked for, and nobody has gone through it yet.</summary>
    Awaited,

    /// <summary>It was asked for, and the configuration says everything that it would ask.</summary>
    Needless,
}

// A section counts as a whole: half of one and half of another would be a configuration that nobody chose.

/// <summary>What was chosen at the first start: a layer just above the defaults, whose sections count while nobody else says anything in them .</summary>
internal static class SetupOverlay
{
    public const string FileName = "config-overlay.toml";

    /// <summary>Its presence says that setup is done.</summary>
    public const string MarkerName = "setup_complete";

    private const string Tls = "tls";
    private const string Auth = "auth";
    private const string AdminAuth = "admin.auth";

    private static readonly string[] Sections = [Tls, Auth, AdminAuth];

    /// <summary>Adds the layer to what everybody else says, unless a setup that will replace it is ahead.</summary>
    public static SetupState Apply(SettingMerge merge, Func<string, string> readFile)
    {
        string directory = merge.Options.DataDirectory;
        if (merge.Options.SetupMode && !Exists(Path.Combine(directory, MarkerName), readFile))
            return merge.IsChanged(Tls) && merge.IsChanged(Auth) ? SetupState.Needless : SetupState.Awaited;
        string path = Path.Combine(directory, FileName);
        if (Exists(path, readFile)) merge.ApplyWhereUnchanged(Read(path, readFile, merge.Problems), Sections);
        return SetupState.Done;
    }

    /// <summary>True when a value was chosen at the first start.</summary>
    public static bool IsSource(SettingSource source) => source is FileSource file && Path.GetFileName(file.Path) == FileName;

    /// <summary>The text of the file, which holds no secrets.</summary>
    public static string Write(params IEnumerable<(string Key, string Value)> settings)
    {
        var text = new StringBuilder("# Chosen at the first start. A section here counts while the configuration says nothing in it.\n");
        foreach (IGrouping<string, (string Key, string Value)> section in settings.GroupBy(static setting => Settings.Find(setting.Key)!.Section))
        {
            text.Append($"\n[{section.Key}]\n");
            foreach ((string key, string value) in section) text.Append($"{Settings.Find(key)!.Name} = {value}\n");
        }

        return text.ToString();
    }

    private static ConfigFile Read(string path, Func<string, string> readFile, List<ConfigurationProblem> problems)
    {
        var file = ConfigFile.Read(new RawValue(new FileSource(path, 0, 0), path), readFile);
        problems.AddRange(file.Problems);
        problems.AddRange(Settings.All.Where(setting => !Sections.Contains(setting.Section) && file.ValueOf(setting) is not null).Select(setting =>
            new ConfigurationProblem(ProblemKind.Value, setting.Key, "stands in the file of the setup", file.ValueOf(setting)!.Source)
            {
                Allowed = string.Join(", ", Sections.Select(static section => $"[{section}]")),
                Instead = "the same line in a configuration file",
            }));
        return file;
    }

    // A file that is there and cannot be read is not passed over: it may be the one that switches TLS on.
    private static bool Exists(string path, Func<string, string> readFile)
    {
        try
        {
            readFile(path);
            return true;
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return true;
        }
    }
}
