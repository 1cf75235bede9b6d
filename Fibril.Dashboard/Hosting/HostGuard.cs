using System.Net;
using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Answers to names of this machine only, where a browser that was let in needs to show nothing: on loopback, and while a broker asks nobody for a password.</summary>
/// <remarks>Whoever owns a name can make it point here. A page below that name would then be "our own", and could use everything that the browser of an operator reaches.</remarks>
public sealed class HostGuard(RequestDelegate next, OpenBrokers brokers, StandaloneOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (OwnSite.HasName(host, options.Hosts) || !await NeedsNameAsync(context))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        await context.Response.WriteAsync(
            $"'{host}' is not known as a name of this dashboard, and only those are answered here. Use localhost or an address, or name it in Dashboard:Hosts "
            + "(the variable Dashboard__Hosts__0).", context.RequestAborted);
    }

    private async Task<bool> NeedsNameAsync(HttpContext context) =>
        IsLocal(context) || (!ExposureGuard.IsOfEverybody(context.Request) && await brokers.FindAsync(context.RequestAborted) is not null);

    /// <summary>Whether a request came to an address that only this machine reaches. A proxy of this machine comes there as well.</summary>
    internal static bool IsLocal(HttpContext context) => context.Connection.LocalIpAddress is not { } address || IPAddress.IsLoopback(address);
}
