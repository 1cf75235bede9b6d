namespace Fibril.Dashboard.Hosting;

/// <summary>Turns away what pages of other sites send with the browser of somebody who may use this one, and connections of pages from elsewhere.</summary>
public sealed class SameSiteGuard(RequestDelegate next)
{
    private static readonly PathString Pages = "/_blazor";

    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        bool mayChange = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if ((!mayChange && !request.Path.StartsWithSegments(Pages)) || !OwnSite.IsAskedByAnother(request)) return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("A page of another site has made this request; this dashboard does nothing for those.", context.RequestAborted);
    }
}
