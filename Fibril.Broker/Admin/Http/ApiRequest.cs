using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Fibril.Broker.Admin.Http;

/// <summary>A request that was let in: who asks, and for what.</summary>
internal sealed class ApiRequest(HttpContext context, Caller caller)
{
    private const string Slash = "%2F";

    public HttpContext Context { get; } = context;

    public Caller Caller { get; } = caller;

    public string Id => RequestIds.Of(Context);

    public IPAddress? Source => Context.Connection.RemoteIpAddress;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <exception cref="ApiException">It cannot be read.</exception>
    public T Get<T>(QueryParameter<T> parameter) => parameter.Read(Context.Request.Query);

    /// <summary>A parameter in the path, unescaped.</summary>
    public string Path(string name)
    {
        string value = (string)Context.GetRouteValue(name)!;
        return value.Contains(Slash, StringComparison.OrdinalIgnoreCase) ? WithSlashes(value) : value;
    }

    // The server leaves an escaped slash as it is, and by then an escaped "%2F" looks the same: only the request line tells them apart.
    private string WithSlashes(string value)
    {
        string[] steps = Context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].Split('/');
        string? step = steps.FirstOrDefault(step => Uri.UnescapeDataString(step.Replace(Slash, "%252F", StringComparison.OrdinalIgnoreCase)) == value);
        return step is null ? value : Uri.UnescapeDataString(step);
    }

    /// <exception cref="ApiException">The caller's role is not enough for this part of the request.</exception>
    public void Require(Access access, string what)
    {
        if (Caller.Access < access) throw Caller.Refusal(access, what);
    }
}
