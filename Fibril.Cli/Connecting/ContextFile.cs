using System.Text;
using Tomlyn.Syntax;

namespace Fibril.Cli.Connecting;

/// <summary>The file of named contexts, which only its owner can read.</summary>
internal sealed class ContextFile(CliContext context)
{
    public const string ContextVariable = "FIBRIL_CONTEXT";
    public const string Place = "~/.config/fibril/config.toml";

    private const string CurrentKey = "current";
    private const string TlsOn = "on";
    private const string TableName = "contexts";

    /// <summary>Where it is; null when this process has no home.</summary>
    public string? Path =>
        context.Variable("XDG_CONFIG_HOME") is { } config ? System.IO.Path.Combine(config, "fibril", "config.toml")
        : (context.Variable("HOME") ?? context.Variable("USERPROFILE")) is { } home ? System.IO.Path.Combine(home, ".config", "fibril", "config.toml")
        : null;

    /// <summary>The context in force: the one asked for, else the current one, else none.</summary>
    /// <param name="asked">The value of <c>--context</c>; null when it is not given.</param>
    /// <exception cref="CliException">The file is no good, or has no such context.</exception>
    public SavedContext? Find(string? asked)
    {
        string? name = asked ?? context.Variable(ContextVariable);
        ContextList list = Read();
        string? wanted = name ?? list.Current;
        if (wanted is null) return null;
        SavedContext? found = list.Contexts.FirstOrDefault(saved => saved.Name == wanted);
        if (found is null && name is null) return null;
        return found is null
            ? throw new CliException(ExitCode.NotFound, $"there is no context '{wanted}'", "See fibrilctl context list, or add it with fibrilctl context add.")
            : found with { IsAskedFor = name is not null };
    }

    /// <exception cref="CliException">The file is no good.</exception>
    public ContextList Read()
    {
        if (Path is not { } path || !context.FileExists(path)) return new ContextList(null, []);
        string? current = null;
        var contexts = new SortedDictionary<string, SavedContext>(StringComparer.Ordinal);
        foreach ((string[] key, ValueSyntax value) in TomlText.Read(path, "file of contexts", "Correct it, or remove it and add the contexts again.", context.ReadText))
        {
            if ((value as StringValueSyntax)?.Value is not { } text) continue;
            if (key is [CurrentKey]) current = text;
            if (key is not [TableName, { } name, { } field]) continue;
            SavedContext saved = contexts.GetValueOrDefault(name) ?? new SavedContext(name);
            contexts[name] = With(saved, field, text);
        }

        return new ContextList(current, [.. contexts.Values]);
    }

    /// <exception cref="CliException">There is no home to write it to.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ContextList list)
    {
        string path = Path ?? throw new CliException(ExitCode.Failure, "there is no home directory for the file of contexts", "Set HOME or XDG_CONFIG_HOME.");
        var text = new StringBuilder();
        if (list.Current is { } current) text.Append($"{CurrentKey} = {Quote(current)}\n");
        foreach (SavedContext saved in list.Contexts)
        {
            text.Append($"\n[{TableName}.{Quote(saved.Name)}]\n");
            foreach ((string field, string? value) in (ReadOnlySpan<(string, string?)>)[
                ("broker", saved.Broker), ("admin", saved.Admin), ("username", saved.UserName), ("password", saved.Password),
                ("tls", saved.Tls is null ? null : TlsOn), ("ca_file", saved.Tls?.CaFile), ("fingerprint", saved.Tls?.Fingerprint), ("server_name", saved.Tls?.ServerName),
                ("client_cert", saved.Tls?.ClientCertificateFile), ("client_key", saved.Tls?.ClientKeyFile)])
            {
                if (value is not null) text.Append($"{field} = {Quote(value)}\n");
            }
        }

        context.WritePrivateText(path, text.ToString());
    }

    private static SavedContext With(SavedContext saved, string field, string text)
    {
        TlsSettings tls = saved.Tls ?? new TlsSettings();
        return field switch
        {
            "broker" => saved with { Broker = text },
            "admin" => saved with { Admin = text },
            "username" => saved with { UserName = text },
            "password" => saved with { Password = text },
            "tls" when text == TlsOn => saved with { Tls = tls },
            "ca_file" => saved with { Tls = tls with { CaFile = text } },
            "fingerprint" => saved with { Tls = tls with { Fingerprint = text } },
            "server_name" => saved with { Tls = tls with { ServerName = text } },
            "client_cert" => saved with { Tls = tls with { ClientCertificateFile = text } },
            "client_key" => saved with { Tls = tls with { ClientKeyFile = text } },
            _ => saved,
        };
    }

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char character in value)
        {
            if (character is '"' or '\\') text.Append('\\').Append(character);
            else if (char.IsControl(character)) text.Append($"\\u{(int)character:X4}");
            else text.Append(character);
        }

        return text.Append('"').ToString();
    }
}

/// <summary>The contexts by name, and which of them counts when none is asked for.</summary>
internal sealed record ContextList(string? Current, IReadOnlyList<SavedContext> Contexts);
