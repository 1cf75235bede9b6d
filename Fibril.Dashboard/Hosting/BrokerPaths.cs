using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Gives each broker pages of its own, below its name; above them is the page of all brokers.</summary>
public sealed class BrokerPaths(RequestDelegate next, BrokerDirectory directory)
{
    public const string AllBrokers = "/brokers";

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
        else if (request.Path == "/")
        {
            context.Response.Redirect(directory.All is [{ } only] ? only.BasePath : AllBrokers);
            return Task.CompletedTask;
        }

        return next(context);
    }
}
