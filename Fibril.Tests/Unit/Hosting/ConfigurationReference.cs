using System.Text;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.RuntimeSettings;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>The page docs/configuration.md, made from the definitions of settings.</summary>
internal static class ConfigurationReference
{
    public const string PagePath = "docs/configuration.md";
    public const string WriteVariable = "FIBRIL_WRITE_CONFIGURATION";
    public const string WriteCommand =
        $"{WriteVariable}=1 dotnet Fibril.Tests/bin/Debug/net10.0/Fibril.Tests.dll -noColor -class '*ConfigurationReferenceTests'";

    private const string SeedPrefix = "runtime_seed.";

    private const string Introduction = $"""
        # Configuration

        <!-- Made from the definitions of settings; after a change run
        {WriteCommand} -->

        `fibril-server` runs without any setting. A value comes from the strongest of these that gives one:

        1. the default in the tables below,
        2. the TOML file that `--config` or `FIBRIL_CONFIG` names: a `[section]` with lines `key = value`,
        3. the environment: the variable in the table, or for any key `FIBRIL__SECTION__KEY`, with two underscores for each dot; blank counts as not set,
        4. the command line: the flag in the table, or for any key `--set section.key=value`.

        In the file, durations and sizes are numbers or text with a unit: `"250ms"`, `"30s"`, `"5m"`, `"64KiB"`, `"10MB"`, `"1GiB"`. Everywhere else they
        are plain numbers, in the unit that the key ends in. Lists are TOML lists in the file, and have commas between their entries elsewhere.

        The merged configuration is checked once, before anything starts, and every problem is reported with what to write instead. Unknown keys are
        problems too, unless `--allow-unknown-config` is given. `--check-config` only checks; `--print-config` prints the configuration in force, with the
        source of each value and without secrets.

        Secrets can stay in files of their own: `admin.auth.password_file`, `password_file` in an entry of `auth.seed_users`, and
        `coordination.secret_path`. Of variables, `FIBRIL_AUTH_USERNAME` with `FIBRIL_AUTH_PASSWORD` or `FIBRIL_AUTH_PASSWORD_FILE` adds one user,
        `FIBRIL_CLUSTER_SECRET` is the secret of the cluster, and `FIBRIL_LOG` sets what is logged, as in `info,queues=debug`.

        **Applies** says when a change counts. *Restart*: at the next start. What stands under `runtime_seed` counts at the first start with a data
        directory; from then on the runtime settings of the same names are in force, which administrators change while the broker runs, and a change
        counts *live*, at once, or at the *next use*, for whatever begins afterwards. A group of them that `runtime_locks` locks stays at its seed.

        """;

    public static string Render()
    {
        var text = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach (IGrouping<string, SettingDefinition> section in Settings.All.GroupBy(static setting => setting.Section))
        {
            text.Append($"\n## `[{section.Key}]`\n\n");
            text.Append("| key | type | default | allowed | variable | flag | what it does | applies |\n");
            text.Append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
            foreach (SettingDefinition setting in section) text.Append($"| {string.Join(" | ", Cells(setting))} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<string> Cells(SettingDefinition setting) =>
    [
        Code(setting.Name), Escape(setting.Placeholder), Escape(setting.Default), Escape(setting.Range ?? ""), Code(setting.Variable), Code(setting.Flag),
        Escape(setting.Description), AppliesOf(setting),
    ];

    private static string AppliesOf(SettingDefinition setting)
    {
        if (!setting.Key.StartsWith(SeedPrefix, StringComparison.Ordinal)) return "restart";
        string[] path = setting.Key[SeedPrefix.Length..].Split('.');
        return RuntimeFields.Get(path[0], path[1]).Applies == FieldApplies.Live ? "live" : "next use";
    }

    private static string Code(string? text) => text is null ? "" : $"`{text}`";

    private static string Escape(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal).Replace("[[", "\\[\\[", StringComparison.Ordinal);
}
