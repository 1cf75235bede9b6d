using System.Net;

namespace Fibril.Cli.Connecting;

// Only what is needed is read: nothing when the address is given, and of a server's configuration only where it listens. The order in
// which its sources count is the server's own, so that both come to the same result.
/// <summary>Finds the broker's address: as given, else where the server of this machine is configured to listen, else the default.</summary>
internal sealed class BrokerLocator(Func<string, string?> variable, Func<string, string> readText)
{
    public const string AddressVariable = "FIBRIL_BROKER";
    public const string BindVariable = "FIBRIL_BROKER_BIND";
    public const string GenericBindVariable = "FIBRIL__BROKER__LISTENER__BIND";
    public const string ConfigVariable = "FIBRIL_CONFIG";

    private const string Remedy = "Name the broker with --broker host:port.";

    /// <param name="given">The value of <c>--broker</c>; null when it is not given.</param>
    /// <param name="configPath">The value of <c>--config</c>; null when it is not given.</param>
    /// <exception cref="CliException">A source that counts cannot be read or makes no sense.</exception>
    public BrokerAddress Find(BrokerAddress? given, string? configPath)
    {
        if (given is { } address) return address;
        if (variable(AddressVariable) is { } text)
        {
            return BrokerAddress.TryParse(text, out BrokerAddress named)
                ? named
                : throw Bad($"{AddressVariable} is '{text}', which is no broker address", $"Set it to {BrokerAddress.Forms}.");
        }

        return variable(BindVariable) is { } bind ? FromBind(bind, BindVariable)
            : variable(GenericBindVariable) is { } generic ? FromBind(generic, GenericBindVariable)
            : FromFile(configPath ?? variable(ConfigVariable));
    }

    private BrokerAddress FromFile(string? path)
    {
        if (path is null) return BrokerAddress.Default;
        string? bind = ServerConfigFile.ReadBind(path, readText);
        return bind is null ? BrokerAddress.Default : FromBind(bind, $"{ServerConfigFile.BindKey} in {path}");
    }

    private static BrokerAddress FromBind(string text, string source)
    {
        bool isEndpoint = text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out _);
        if (!isEndpoint) throw Bad($"{source} is '{text}', which is no IP:PORT", $"{Remedy} Or correct it, for instance to 127.0.0.1:9876.");
        IPEndPoint bind = IPEndPoint.Parse(text);
        return bind.Port != 0
            ? BrokerAddress.FromBind(bind)
            : throw Bad($"{source} is '{text}': with port 0 the broker takes any free port", $"{Remedy} The broker logs the port when it starts.");
    }

    private static CliException Bad(string what, string remedy) => new(ExitCode.Failure, what, remedy);
}
