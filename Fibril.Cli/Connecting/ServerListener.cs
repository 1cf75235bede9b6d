using System.Net;

namespace Fibril.Cli.Connecting;

// The order in which the sources count is the server's own, so that both come to the same result.
/// <summary>Where a listener of the server of this machine is configured to be.</summary>
/// <param name="Key">Its key in the server's configuration.</param>
/// <param name="Variable">Its variable.</param>
/// <param name="GenericVariable">Its variable by the general rule.</param>
/// <param name="Option">What a user can name the address with instead.</param>
internal sealed record ServerListener(string Key, string Variable, string GenericVariable, string Option)
{
    public const string ConfigVariable = "FIBRIL_CONFIG";

    private string Remedy => $"Name the address with {Option} host:port.";

    /// <returns>The address to reach it at; null when nothing says.</returns>
    /// <exception cref="CliException">A source cannot be read or makes no sense.</exception>
    public BrokerAddress? Find(string? configPath, Func<string, string?> variable, Func<string, string> readText)
    {
        if (variable(Variable) is { } bind) return FromBind(bind, Variable);
        if (variable(GenericVariable) is { } generic) return FromBind(generic, GenericVariable);
        string? path = configPath ?? variable(ConfigVariable);
        if (path is null) return null;
        string? written = ServerConfigFile.ReadBind(path, Key, Option, readText);
        return written is null ? null : FromBind(written, $"{Key} in {path}");
    }

    private BrokerAddress FromBind(string text, string source)
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
