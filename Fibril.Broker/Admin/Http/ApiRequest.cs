using System.Net;

namespace Fibril.Broker.Admin.Http;

/// <summary>A request that was let in: who asks, and for what.</summary>
internal sealed class ApiRequest(HttpContext context, Caller caller)
{
    public HttpContext Context { get; } = context;

    public Caller Caller { get; } = caller;

    public string Id => RequestIds.Of(Context);

    public IPAddress? Source => Context.Connection.RemoteIpAddress;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <exception cref="ApiException">It cannot be read.</exception>
    public T Get<T>(QueryParameter<T> parameter) => parameter.Read(Context.Request.Query);

    /// <summary>A parameter in the path.</summary>
    public string Path(string name) => (string)Context.GetRouteValue(name)!;

    /// <exception cref="ApiException">The caller's role is not enough for this part of the request.</exception>
    public void Require(Access access, string what)
    {
        if (Caller.Access < access) throw Caller.Refusal(access, what);
    }
}
