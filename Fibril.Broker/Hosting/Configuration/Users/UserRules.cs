namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What a user in the configuration must look like (AUT-3).</summary>
internal static class UserRules
{
    /// <summary>
    /// Stands for every password in what the broker prints. It is refused as a password, so that a printed configuration cannot be
    /// started with a password everybody can read here.
    /// </summary>
    public const string Redacted = "<redacted>";

    public const string AllowedName = "1 to 128 bytes without white space and control characters, not starting with @";

    public const string AllowedPassword = "a text that is not blank, in quotes";

    /// <summary>Says what is wrong with a password without showing it; null when it may be used.</summary>
    public static string? ExplainPassword(string password)
    {
        if (string.IsNullOrWhiteSpace(password)) return "the password is blank";
        return password == Redacted ? "the password is the placeholder of --print-config" : null;
    }
}
