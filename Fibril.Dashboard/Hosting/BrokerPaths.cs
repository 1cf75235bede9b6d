using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Login;

namespace Fibril.Dashboard.Hosting;

/// <summary>Gives each broker pages of its own, below its name; above them is the page of all brokers, and what belongs to none. Whatever else is asked for leads there.</summary>
public sealed class BrokerPaths(RequestDelegate next, BrokerDirectory directory)
{
    public const string AllBrokers = "/brokers";

    private static readonly PathString[] OfNoBroker = [AllBrokers, LoginPage.Path, LoginPage.LogoutPath, StandaloneHost.HealthPath];
    private static readonly PathString[] BelowNoBroker = [DashboardAssets.Path, "/_blazor", "/_framework"];

    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (directory.All.FirstOrDefault(broker => request.Path.StartsWithSegments(broker.BasePath.TrimEnd('/'))) is { } broker)
        {
            PathString basePath = broker.BasePath.TrimEnd('/');
            request.PathBase += basePath;
            request.Path = request.Path.Value![basePath.Value!.Length..];
            if (!request.Path.HasValue) request.Path = "/";
        }
        else if (!OfNoBroker.Contains(request.Path) && !BelowNoBroker.Any(path => request.Path.StartsWithSegments(path)))
        {
            // Pages are those of a broker: here they would have nothing to show.
            context.Response.Redirect(request.Path == "/" ? directory.All is [{ } only] ? only.BasePath : AllBrokers : "/");
            return Task.CompletedTask;
        }

        return next(context);
    }
}
