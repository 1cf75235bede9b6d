using System.Security.Cryptography.X509Certificates;

namespace Fibril.Dashboard.Hosting;

/// <summary>What a dashboard that runs alone is told: the section <c>Dashboard</c> of its configuration, or variables such as <c>Dashboard__Brokers__east=https://east:8081</c>.</summary>
public sealed class StandaloneOptions
{
    public const string Section = "Dashboard";

    /// <summary>Addresses of admin listeners, by the names that the pages show. Names are part of paths: letters, digits, <c>-</c>, <c>_</c> and <c>.</c></summary>
    public Dictionary<string, string> Brokers { get; set; } = [];

    /// <summary>Where to listen, as addresses with semicolons between them; default <c>http://127.0.0.1:8090</c>. <c>ASPNETCORE_URLS</c> and <c>--urls</c> do the same.</summary>
    public string? Urls { get; set; }

    /// <summary>
    /// Names that people reach this dashboard by, besides addresses, <c>localhost</c> and the name of the machine. They are needed on loopback, so behind a proxy of
    /// the same machine, and while a broker asks nobody for a password; other names are not answered there.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>PEM file with the authorities that certificates of brokers are issued by; null for those of this machine.</summary>
    public string? CaFile { get; set; }

    /// <summary>True to show brokers that ask nobody for a password to other machines as well.</summary>
    public bool AllowUnauthenticated { get; set; }

    /// <summary>Where the trace of a message can be seen; <see cref="DashboardOptions.TraceUrl"/>.</summary>
    public string? TraceUrl { get; set; }

    /// <summary>Reads <see cref="CaFile"/>.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read, or holds no certificate.</exception>
    public X509Certificate2Collection? LoadAuthorities()
    {
        if (string.IsNullOrWhiteSpace(CaFile)) return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(CaFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidOperationException($"Dashboard:CaFile '{CaFile}' cannot be read: {failure.Message} Name a PEM file with the authorities of your brokers.", failure);
        }

        return authorities.Count > 0 ? authorities : throw new InvalidOperationException($"Dashboard:CaFile '{CaFile}' holds no certificate. Name a PEM file with the authorities of your brokers.");
    }
}
