using System.Net;
using Fibril.Broker.Admin.Login;
using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Hosting;
using Fibril.Dashboard.Login;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fibril.Broker.Hosting.Dashboard;

/// <summary>The dashboard in the broker that it shows. It has the admin API to itself as little as a script has.</summary>
internal static class MountedDashboard
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InProcessTransport>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(static services => services.GetRequiredService<InProcessTransport>());
        builder.Services.AddDashboard(static services => new BrokerDirectory(
        [
            new BrokerEntry(
                "this broker",
                BrokerHttp.Create(new Uri("http://localhost"), (_, cancellationToken) => services.GetRequiredService<InProcessTransport>().ConnectAsync(cancellationToken)),
                AdminAuthentication.CookieName),
        ]));
    }

    public static void Listen(KestrelServerOptions kestrel) => kestrel.Listen(new InProcessEndPoint());

    /// <summary>Tells the admin API where the browser is that a page in this process asks for.</summary>
    public static void UseForwardedCallers(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (context.Features.Get<InProcessCall>() is not null && IPAddress.TryParse(context.Request.Headers[BrowserSessions.ForwardedForHeader], out IPAddress? address))
            context.Connection.RemoteIpAddress = address;
        return next(context);
    });
}
