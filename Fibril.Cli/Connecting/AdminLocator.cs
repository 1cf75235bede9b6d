namespace Fibril.Cli.Connecting;

/// <summary>Finds the admin API: as given, else as the context says, else where the server of this machine is configured to listen, else the default.</summary>
internal sealed class AdminLocator(Func<string, string?> variable, Func<string, string> readText)
{
    public const string AddressVariable = "FIBRIL_ADMIN";

    private static readonly ServerListener Listener = new("admin.listener.bind", "FIBRIL_ADMIN_BIND", "FIBRIL__ADMIN__LISTENER__BIND", "--admin");

    /// <param name="given">The value of <c>--admin</c>; null when it is not given.</param>
    /// <param name="saved">The context in force; null for none.</param>
    /// <param name="configPath">The value of <c>--config</c>; null when it is not given.</param>
    /// <exception cref="CliException">A source that counts cannot be read or makes no sense.</exception>
    public Uri Find(Uri? given, SavedContext? saved, string? configPath)
    {
        if (given is not null) return given;
        if (saved is { IsAskedFor: true, Admin: { } asked }) return Read(asked, $"admin of context {saved.Name}");
        if (variable(AddressVariable) is { } text) return Read(text, AddressVariable);
        if (configPath is null && saved is { Admin: { } current }) return Read(current, $"admin of context {saved.Name}");
        return Listener.Find(configPath, variable, readText) is { } bind ? AdminAddress.Of(bind) : AdminAddress.Default;
    }

    private static Uri Read(string text, string source) => AdminAddress.TryParse(text, out Uri address)
        ? address
        : throw new CliException(ExitCode.Failure, $"{source} is '{text}', which is no address of an admin API", $"Set it to {AdminAddress.Forms}.");
}
