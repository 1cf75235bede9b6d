using System.Net;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SessionOptions = Fibril.Broker.Sessions.SessionOptions;

namespace Fibril.Broker.Hosting;

/// <summary>The two listeners, with TLS or without. Without it nothing stands between a socket and its connection.</summary>
internal static class Listeners
{
    /// <summary>Adds what TLS is served with when it is on, and nothing when it is off.</summary>
    public static void AddCertificates(this WebApplicationBuilder builder, BrokerOptions options)
    {
        if (!options.Tls.Enabled) return;
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(services =>
        {
            services.GetRequiredService<BrokerCore>(); // whoever has the lock of the data directory may write there
            return Certificates.Open(
                options.Tls, new PhysicalFileSystem(), options.DataDirectory, NamesOf(options.Sessions), TimeProvider.System,
                services.GetRequiredService<ILoggerFactory>().CreateLogger("Fibril.Security"));
        });
    }

    public static void ListenForClients(this KestrelServerOptions kestrel, BrokerOptions options) =>
        kestrel.Listen(new BrokerEndPoint(options.Sessions.Bind), listen =>
        {
            if (options.Tls.Enabled)
            {
                var detection = new TlsDetection(
                    options.Sessions, TimeProvider.System, kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Fibril.Sessions"));
                listen.Use(next => connection => detection.HandleAsync(connection, next));
                var certificates = kestrel.ApplicationServices.GetRequiredService<Certificates>();
                listen.UseHttps(TlsHandshake.For(certificates, options.Tls.ClientAuth, protocols: [], options.Sessions.HandshakeTimeout));
            }

            listen.UseConnectionHandler<BrokerConnectionHandler>();
        });

    public static void ListenForAdmin(this KestrelServerOptions kestrel, BrokerOptions options) =>
        kestrel.Listen(options.Admin.Bind, listen =>
        {
            if (!options.Tls.ServesAdmin) return;
            var plain = new PlainHttpAnswer(TimeProvider.System);
            listen.Use(next => connection => plain.HandleAsync(connection, next));
            var certificates = kestrel.ApplicationServices.GetRequiredService<Certificates>();
            listen.UseHttps(TlsHandshake.For(certificates, options.Tls.AdminClientAuth, protocols: null, options.Sessions.HandshakeTimeout));
        });

    /// <summary>What a generated certificate is valid for: this machine, and where clients are told to connect.</summary>
    public static IReadOnlyList<string> NamesOf(SessionOptions options)
    {
        var names = new List<string> { "localhost", IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString() };
        names.AddRange(options.Advertise.Select(HostOf));
        bool isBoundToOne = !options.Bind.Address.Equals(IPAddress.Any) && !options.Bind.Address.Equals(IPAddress.IPv6Any);
        if (options.Advertise.Count == 0 && isBoundToOne) names.Add(options.Bind.Address.ToString());
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static string HostOf(string hostAndPort) => hostAndPort[..hostAndPort.LastIndexOf(':')].Trim('[', ']');
}
