using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Shows brokers that ask nobody for a password to this machine only: whoever reached the dashboard could do everything.</summary>
public sealed class ExposureGuard(RequestDelegate next, OpenBrokers brokers, StandaloneOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!options.AllowUnauthenticated && !IsOfEverybody(context.Request) && !HostGuard.IsLocal(context) && await brokers.FindAsync(context.RequestAborted) is { } open)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(
                $"The broker {open.Name} asks nobody for a password, so this dashboard shows it to its own machine only. Switch logins on with admin.auth.enabled at the broker, "
                + "or set Dashboard:AllowUnauthenticated=true here if everybody may do everything.", context.RequestAborted);
            return;
        }

        await next(context);
    }

    /// <summary>Whether no broker is behind a path: styles, scripts and the probe say nothing of any, and wait for none.</summary>
    internal static bool IsOfEverybody(HttpRequest request) => request.Path.StartsWithSegments(DashboardAssets.Path) || request.Path.StartsWithSegments(StandaloneHost.HealthPath);
}
