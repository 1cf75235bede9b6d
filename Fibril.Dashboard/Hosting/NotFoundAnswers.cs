using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Shows people who follow a link to nowhere a page instead of a document for programs.</summary>
public sealed class NotFoundAnswers(RequestDelegate next, BrokerDirectory directory)
{
    public const string Path = "/not-found";

    private static readonly PathString Api = "/admin/api";

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        HttpRequest request = context.Request;
        bool isForPeople = HttpMethods.IsGet(request.Method) && !request.Path.StartsWithSegments(Api, StringComparison.OrdinalIgnoreCase)
            && request.GetTypedHeaders().Accept.Any(static accepted => accepted.MediaType == "text/html");
        if (context.Response.StatusCode != StatusCodes.Status404NotFound || context.Response.HasStarted || !isForPeople) return;
        if (directory.FindByPath(request.PathBase) is null) return; // the page is one of a broker
        context.SetEndpoint(null);
        request.RouteValues.Clear();
        request.Path = Path;
        await next(context);
    }
}
