using System.Globalization;
using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>Where a broker listens, as users write it: <c>host</c>, <c>host:port</c> or <c>[v6 address]:port</c>.</summary>
internal readonly record struct BrokerEndpoint(string Host, int Port)
{
    public static BrokerEndpoint Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int colon = EndOfHost(rest, text);
        ReadOnlySpan<char> host = rest[..colon].Trim("[]");
        ReadOnlySpan<char> port = rest[colon..];
        if (host.IsEmpty) throw NotAnEndpoint(text);
        if (port.IsEmpty) return new BrokerEndpoint(host.ToString(), ProtocolDefaults.BrokerPort);
        return int.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= ushort.MaxValue
            ? new BrokerEndpoint(host.ToString(), number)
            : throw NotAnEndpoint(text);
    }

    /// <summary>The endpoint that brokers spell so. The text decides: two spellings are two endpoints (TOP-8).</summary>
    public static BrokerEndpoint From(BrokerAddress address) => new(address.Host.Trim('[', ']'), address.Port);

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static int EndOfHost(ReadOnlySpan<char> rest, string text)
    {
        if (rest[0] == '[')
        {
            int close = rest.IndexOf(']');
            bool isClosed = close > 0 && (close == rest.Length - 1 || rest[close + 1] == ':');
            return isClosed ? close + 1 : throw NotAnEndpoint(text);
        }

        int colon = rest.IndexOf(':');
        if (colon != rest.LastIndexOf(':') || rest.Contains('/')) throw NotAnEndpoint(text);
        return colon < 0 ? rest.Length : colon;
    }

    private static ArgumentException NotAnEndpoint(string text) => new(
        $"'{text}' is not a broker endpoint; write host, host:port or [IPv6 address]:port, for instance localhost:9876.", nameof(text));
}
