using System.Text.Json;

namespace Fibril.Broker.Admin.Http;

/// <summary>A part of the admin API.</summary>
internal interface IApiModule
{
    void Map(ApiRoutes routes);
}

/// <summary>Maps the routes of the admin API, and knows them all.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints)
{
    private readonly List<ApiRoute> _all = [];

    public IReadOnlyList<ApiRoute> All => _all;

    public ApiRoute Get<TAnswer>(string path, string summary, Func<ApiRequest, Task<TAnswer>> handle, Access access = Access.View) =>
        Map(new ApiRoute(HttpMethods.Get, path, access, summary) { AnswerType = typeof(TAnswer) }, async request => await handle(request));

    public ApiRoute Get<TAnswer>(string path, string summary, Func<ApiRequest, TAnswer> handle, Access access = Access.View) =>
        Get(path, summary, request => Task.FromResult(handle(request)), access);

    public ApiRoute Post<TBody, TAnswer>(string path, Access access, string summary, Func<ApiRequest, TBody, Task<TAnswer>> handle) where TBody : class =>
        Send(HttpMethods.Post, path, access, summary, handle);

    public ApiRoute Put<TBody, TAnswer>(string path, Access access, string summary, Func<ApiRequest, TBody, Task<TAnswer>> handle) where TBody : class =>
        Send(HttpMethods.Put, path, access, summary, handle);

    public ApiRoute Patch<TBody, TAnswer>(string path, Access access, string summary, Func<ApiRequest, TBody, Task<TAnswer>> handle) where TBody : class =>
        Send(HttpMethods.Patch, path, access, summary, handle);

    /// <summary>A route that changes something and takes no body; one that is sent is not looked at.</summary>
    public ApiRoute Post<TAnswer>(string path, Access access, string summary, Func<ApiRequest, Task<TAnswer>> handle) =>
        Map(new ApiRoute(HttpMethods.Post, path, access, summary) { AnswerType = typeof(TAnswer) }, async request => await handle(request));

    public ApiRoute Delete<TAnswer>(string path, Access access, string summary, Func<ApiRequest, Task<TAnswer>> handle) =>
        Map(new ApiRoute(HttpMethods.Delete, path, access, summary) { AnswerType = typeof(TAnswer) }, async request => await handle(request));

    private ApiRoute Send<TBody, TAnswer>(
        string method, string path, Access access, string summary, Func<ApiRequest, TBody, Task<TAnswer>> handle) where TBody : class =>
        Map(
            new ApiRoute(method, path, access, summary) { BodyType = typeof(TBody), AnswerType = typeof(TAnswer) },
            async request => await handle(request, await RequestBody.ReadAsync<TBody>(request.Context.Request)));

    private ApiRoute Map(ApiRoute route, Func<ApiRequest, Task<object?>> handle)
    {
        _all.Add(route);
        endpoints.MapMethods(route.Path, [route.Method], (RequestDelegate)(context => AnswerAsync(context, route, handle))).WithMetadata(route);
        return route;
    }

    private static async Task AnswerAsync(HttpContext context, ApiRoute route, Func<ApiRequest, Task<object?>> handle)
    {
        Caller caller = Caller.Of(context);
        if (caller.Access < route.Access) throw caller.Refusal(route.Access, route.Summary);
        RefuseUnknownParameters(context.Request.Query, route);
        object? answer = await handle(new ApiRequest(context, caller));
        if (context.Response.HasStarted) return; // it has written by itself
        (int status, object? body) = answer is ApiAnswer special ? (special.Status, special.Body) : (route.SuccessStatus, answer);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(context.Response.Body, body, ApiJson.Options, context.RequestAborted);
    }

    private static void RefuseUnknownParameters(IQueryCollection query, ApiRoute route)
    {
        foreach (string name in query.Keys)
        {
            if (route.Parameters.Any(parameter => parameter.Name == name)) continue;
            string known = route.Parameters.Count == 0 ? "it takes none" : $"it takes {string.Join(", ", route.Parameters.Select(static parameter => parameter.Name))}";
            string problem = $"is no query parameter of this route; {known}.";
            throw new ApiException(ApiErrorCodes.InvalidArgument, $"'{name}' {problem}", new FieldProblem(name, problem));
        }
    }
}

/// <summary>An answer with a status of its own.</summary>
internal sealed record ApiAnswer(int Status, object? Body);
