using System.Text;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The text of <c>--help</c>, made from the flags and settings.</summary>
internal static class HelpText
{
    private const int Indent = 4;
    private const int Column = 38;
    private const int Width = 118;

    public static string Render()
    {
        var text = new StringBuilder("""
            fibril-server: the Fibril message broker

            Usage: fibril-server [flags]

            Without any flag the broker starts with the defaults below: clients connect to port 9876, the admin pages
            answer on this machine only, and everything is stored in ./server_data.

            Flags take their value as --flag VALUE or --flag=VALUE.


            """);
        foreach (CommandFlag flag in CommandFlag.All)
            AppendRow(text, flag.Placeholder is null ? flag.Name : $"{flag.Name} {flag.Placeholder}", flag.Description);
        text.Append("""

            Every setting below can be given in four ways; a later one overrides an earlier one:
                1. its default
                2. the TOML file:       [section] with a line key = value
                3. the environment:     the variable shown, or FIBRIL__SECTION__KEY for any key; blank counts as not set
                4. the command line:    the flag shown, or --set section.key=value for any key

            In the file, durations and sizes are numbers or text with a unit: "250ms", "30s", "5m", "64KiB", "10MB", "1GiB".
            In the environment and on the command line they are plain numbers: milliseconds for keys in _ms, bytes for keys in _bytes.

            """);
        foreach (IGrouping<string, SettingDefinition> section in Settings.All.GroupBy(setting => setting.Section))
        {
            text.Append($"\n[{section.Key}]\n");
            foreach (SettingDefinition setting in section) AppendSetting(text, setting);
        }

        text.Append("""

            Exit codes: 0 after an orderly stop, 1 when the configuration or the start failed, 2 when the command line is not understood.

            """);
        return text.ToString();
    }

    private static void AppendSetting(StringBuilder text, SettingDefinition setting)
    {
        string range = setting.Range is null ? "" : $"{setting.Range}, ";
        string flag = setting.Flag is null ? $"--set {setting.Key}={setting.Placeholder}" : $"{setting.Flag} {setting.Placeholder}";
        AppendRow(text, setting.Name, setting.Description);
        AppendRow(text, "", $"{range}default {setting.Default}");
        AppendRow(text, "", flag);
        AppendRow(text, "", setting.Variable ?? setting.GenericVariable);
    }

    private static void AppendRow(StringBuilder text, string name, string words)
    {
        string line = new string(' ', Indent) + name.PadRight(Column - Indent);
        foreach (string word in words.Split(' '))
        {
            if (line.Length > Column && line.Length + 1 + word.Length > Width)
            {
                text.Append(line).Append('\n');
                line = new string(' ', Column);
            }

            line += line.Length > Column ? " " + word : word;
        }

        text.Append(line).Append('\n');
    }
}
