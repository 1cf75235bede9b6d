using System.Net;

namespace Fibril.Dashboard.Hosting;

/// <summary>Tells requests of this site's own pages from those that other sites bring about. Brokers and a dashboard that runs alone judge by the same rules. Thread-safe.</summary>
public static class OwnSite
{
    /// <summary>Whether a page of another site has made the browser send a request.</summary>
    public static bool IsAskedByAnother(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none")) return true;
        return request.Headers.Origin is [{ } origin]
            && (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || !string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a name cannot have been made to point at this machine by somebody else: an address, a name of the machine, or one that was configured.</summary>
    /// <param name="host">Of the request, without a port.</param>
    /// <param name="names">Those that were configured.</param>
    public static bool HasName(string host, IEnumerable<string> names) =>
        host.Length == 0
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
        || names.Any(name => host.Equals(name, StringComparison.OrdinalIgnoreCase));
}
