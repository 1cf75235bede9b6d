using Fibril.Protocol;

namespace Fibril.Cli.Connecting;

/// <summary>The address of an admin listener, as an URL.</summary>
internal static class AdminAddress
{
    public const string Forms = "host, host:port, http://host:port or https://host:port";

    public static Uri Default { get; } = new($"http://127.0.0.1:{ProtocolDefaults.AdminPort}");

    /// <summary>Reads an address with or without a scheme; false for everything else.</summary>
    public static bool TryParse(string text, out Uri address)
    {
        address = Default;
        text = text.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            if (!BrokerAddress.TryParse(text, ProtocolDefaults.AdminPort, out BrokerAddress plain)) return false;
            address = Of(plain);
            return true;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)) return false;
        if (url.UserInfo.Length > 0 || url.PathAndQuery != "/" || url.Fragment.Length > 0) return false;
        bool saysPort = text.TrimEnd('/').EndsWith($":{url.Port}", StringComparison.Ordinal);
        address = new UriBuilder(url) { Port = saysPort ? url.Port : ProtocolDefaults.AdminPort }.Uri;
        return true;
    }

    public static Uri Of(BrokerAddress address) => new($"http://{address}");
}
