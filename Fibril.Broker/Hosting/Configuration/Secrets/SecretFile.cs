namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A secret that stands in a file of its own.</summary>
internal static class SecretFile
{
    /// <summary>Reads a password; null when that is impossible or it may not be used, with the reason, which does not show it.</summary>
    public static string? ReadPassword(string path, Func<string, string> readFile, out string fault)
    {
        if (!TextFile.TryRead(path, readFile, out string text, out fault))
        {
            fault = $"cannot be read: {fault}";
            return null;
        }

        // Editors and echo end a file with a line break that is not part of the password.
        string password = text.TrimEnd('\r', '\n');
        if (UserRules.ExplainPassword(password) is not { } unusable) return password;
        fault = unusable;
        return null;
    }
}
