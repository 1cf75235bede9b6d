using Tomlyn.Syntax;

namespace Fibril.Cli.Connecting;

/// <summary>The server's TOML file, read for the few settings that a client can use. What else is in it, right or wrong, is not looked at.</summary>
internal static class ServerConfigFile
{
    /// <summary>The address a listener binds to, as written; null when the file does not say.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bindKey">The setting.</param>
    /// <param name="option">What a user can name the address with instead.</param>
    /// <param name="readText">Reads files.</param>
    /// <exception cref="CliException">The file cannot be read, is no TOML, or has something else there.</exception>
    public static string? ReadBind(string path, string bindKey, string option, Func<string, string> readText)
    {
        string remedy = $"Correct the file, or name the address with {option} host:port; then the file is not read.";
        return Find(path, bindKey, remedy, readText) switch
        {
            null => null,
            StringValueSyntax { Value: { } text } => text,
            _ => throw new CliException(ExitCode.Failure, $"{bindKey} in {path} is not text", "Write it in quotes, for instance \"127.0.0.1:9876\"."),
        };
    }

    /// <summary>The value of a setting; null when the file does not have it.</summary>
    /// <exception cref="CliException">The file cannot be read, or is no TOML.</exception>
    public static ValueSyntax? Find(string path, string key, string remedy, Func<string, string> readText) =>
        TomlText.Read(path, "server configuration", remedy, readText).FirstOrDefault(pair => string.Join('.', pair.Key) == key).Value;
}
