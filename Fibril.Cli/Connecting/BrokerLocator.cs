namespace Fibril.Cli.Connecting;

// Only what is needed is read: nothing when the address is given, and of a server's configuration only where it listens.
/// <summary>Finds the broker: as given, else as the context says, else where the server of this machine is configured to listen, else the default.</summary>
internal sealed class BrokerLocator(Func<string, string?> variable, Func<string, string> readText)
{
    public const string AddressVariable = "FIBRIL_BROKER";
    public const string BindVariable = "FIBRIL_BROKER_BIND";

    private static readonly ServerListener Listener = new("broker.listener.bind", BindVariable, "FIBRIL__BROKER__LISTENER__BIND", "--broker");

    /// <param name="given">The value of <c>--broker</c>; null when it is not given.</param>
    /// <param name="saved">The context in force; null for none.</param>
    /// <param name="configPath">The value of <c>--config</c>; null when it is not given.</param>
    /// <exception cref="CliException">A source that counts cannot be read or makes no sense.</exception>
    public BrokerAddress Find(BrokerAddress? given, SavedContext? saved, string? configPath)
    {
        if (given is { } address) return address;
        if (saved is { IsAskedFor: true, Broker: { } asked }) return Read(asked, $"broker of context {saved.Name}");
        if (variable(AddressVariable) is { } text) return Read(text, AddressVariable);
        if (configPath is null && saved is { Broker: { } current }) return Read(current, $"broker of context {saved.Name}");
        return Listener.Find(configPath, variable, readText) ?? BrokerAddress.Default;
    }

    private static BrokerAddress Read(string text, string source) => BrokerAddress.TryParse(text, out BrokerAddress address)
        ? address
        : throw new CliException(ExitCode.Failure, $"{source} is '{text}', which is no broker address", $"Set it to {BrokerAddress.Forms}.");
}
