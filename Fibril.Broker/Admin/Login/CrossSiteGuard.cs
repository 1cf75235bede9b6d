using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Admin.Http;
using Fibril.Dashboard.Hosting;

namespace Fibril.Broker.Admin.Login;

/// <summary>Keeps other web sites from using the browser of somebody who may use this one.</summary>
/// <remarks>
/// Two attacks matter. A page of another site sends a request, which carries the cookie, or needs none while nobody is asked for a password:
/// browsers say that it is theirs, and changes by cookie need a token that only our own pages know. And a name of another site is made to point
/// at this machine, so that its page becomes "our own": on a loopback address, and while nobody is asked for a password, only names of this machine
/// are answered.
/// </remarks>
internal sealed class CrossSiteGuard(AdminOptions options)
{
    public const string TokenHeader = "X-CSRF-Token";

    /// <summary>Where pages hold their connection. What comes over it names a page that was rendered for this browser, which other sites cannot read.</summary>
    private static readonly PathString Pages = "/_blazor";

    private readonly bool _checksHost = IPAddress.IsLoopback(options.Bind.Address) || !options.Auth.Enabled;
    private readonly string[] _names = [.. options.Advertise.Select(HostOf)];

    /// <exception cref="ApiException">The request was made for another site.</exception>
    public void Check(HttpRequest request)
    {
        if (_checksHost && !OwnSite.HasName(request.Host.Host, _names))
        {
            throw new ApiException(
                ApiErrorCodes.HostNotAllowed,
                $"'{request.Host.Host}' is not known as a name of this broker, and only those are answered here. Use localhost or an address, or add the "
                + "name to admin.listener.advertise.");
        }
    }

    /// <exception cref="ApiException">The request would change something, and another site may have made it.</exception>
    public static void CheckChange(HttpRequest request, Caller caller)
    {
        bool isOfPage = request.Path.StartsWithSegments(Pages);
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !isOfPage) return;
        if (OwnSite.IsAskedByAnother(request))
            throw new ApiException(ApiErrorCodes.CrossSiteRequest, "A page of another site has made this request; this API changes nothing for those.");
        if (isOfPage) return;
        if (caller.Session is { } session && !IsSame(request.Headers[TokenHeader], session.CsrfToken))
        {
            throw new ApiException(
                ApiErrorCodes.CsrfTokenMissing,
                $"A change by a browser's session needs the header {TokenHeader} with the token that GET /admin/api/session answers. Scripts use HTTP Basic instead.");
        }
    }

    private static string HostOf(string address) => address.LastIndexOf(':') is var colon and >= 0 ? address[..colon] : address;

    /// <summary>Compares tokens in a time that does not depend on where they differ.</summary>
    public static bool IsSame(string? offered, string expected) =>
        offered is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(offered), Encoding.UTF8.GetBytes(expected));
}
