namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What the command line asks for; of several the highest is done.</summary>
internal enum CommandMode
{
    Run,
    CheckConfig,
    PrintConfig,
    Version,
    Help,
}

/// <summary>A flag that belongs to no single setting. Without a placeholder it takes no value.</summary>
internal sealed record CommandFlag(string Name, string? Placeholder, string Description, CommandMode Mode = CommandMode.Run)
{
    public static CommandFlag Config { get; } =
        new("--config", "PATH", $"Reads settings from a TOML file; {EnvironmentVariables.ConfigFile} does the same.");

    public static CommandFlag Set { get; } = new("--set", "KEY=VALUE", "Gives a value to any setting; may be repeated.");

    public static CommandFlag AllowUnknown { get; } =
        new("--allow-unknown-config", null, "Warns of unknown keys in the file instead of refusing to start.");

    public static CommandFlag Check { get; } =
        new("--check-config", null, "Checks the configuration, starts nothing, and exits with 0 or 1.", CommandMode.CheckConfig);

    public static CommandFlag Print { get; } =
        new("--print-config", null, "Checks the configuration and prints it as TOML with the source of each value; no passwords.",
            CommandMode.PrintConfig);

    public static CommandFlag Version { get; } = new("--version", null, "Prints the version.", CommandMode.Version);

    public static CommandFlag Help { get; } = new("--help", null, "Prints this text; also -h.", CommandMode.Help);

    public static IReadOnlyList<CommandFlag> All { get; } = [Config, Set, AllowUnknown, Check, Print, Version, Help];
}
