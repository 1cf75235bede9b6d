using System.Text;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Writes the configuration in force as a TOML file that says of each value where it came from.</summary>
internal static class EffectiveConfiguration
{
    public static string Render(BrokerOptions options, IReadOnlyDictionary<string, SettingSource> sources)
    {
        var text = new StringBuilder("# The configuration in force; behind each value stands its source.\n");
        if (options.Auth.Users.Count > 0)
            text.Append($"# Passwords are not printed: put them in place of {UserRules.Redacted} before using this as a file.\n");
        foreach (IGrouping<string, SettingDefinition> section in Settings.All.GroupBy(setting => setting.Section))
        {
            text.Append($"\n[{section.Key}]\n");
            foreach (SettingDefinition setting in section)
                text.Append($"{setting.Name} = {setting.WriteToml(options)}  # {sources[setting.Key]}\n");
        }

        return text.ToString();
    }
}
