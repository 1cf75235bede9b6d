using System.Net;
using Fibril.Broker.Admin;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Login;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>Serves the page of the setup on this machine, and nothing else, until somebody has gone through it.</summary>
internal static class SetupHost
{
    /// <returns>True when the setup is complete; false when the process was asked to stop before.</returns>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<bool> RunAsync(SetupService service, IPEndPoint bind)
    {
        await using WebApplication app = Build(service, bind);
        if (!await BrokerHost.TryStartAsync(app)) return false;
        app.Logger.SetupAwaited(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        await app.WaitForShutdownAsync();
        bool isDone = app.Services.GetRequiredService<SetupRoutes>().IsDone;
        if (isDone) app.Logger.SetupDone();
        return isDone;
    }

    /// <summary>Puts it together without starting it.</summary>
    /// <param name="service">Does what is chosen.</param>
    /// <param name="bind">A loopback address.</param>
    /// <param name="adjust">Changes what it is put together from, last of all; null to leave it as it is.</param>
    internal static WebApplication Build(SetupService service, IPEndPoint bind, Action<WebApplicationBuilder>? adjust = null)
    {
        WebApplicationBuilder builder = BrokerHost.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = SetupRoutes.MostBytes;
            kestrel.Listen(bind);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(service).AddSingleton(new CrossSiteGuard(new AdminOptions { Bind = bind })).AddSingleton<SetupRoutes>();
        adjust?.Invoke(builder);
        WebApplication app = builder.Build();
        app.UseMiddleware<ErrorAnswers>();
        app.Services.GetRequiredService<SetupRoutes>().Map(app);
        return app;
    }
}
