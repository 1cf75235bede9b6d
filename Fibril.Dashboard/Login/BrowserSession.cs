using System.Security.Claims;
using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Login;

/// <summary>What a browser shows that it may use a broker: handed on to the admin API with every request, and judged there alone.</summary>
/// <param name="Cookie">Token of a session of the broker.</param>
/// <param name="Authorization">The header of that name, for browsers that were given a user name and a password in the address.</param>
/// <param name="Address">Where the browser is, for the audit trail.</param>
public sealed record BrowserSession(string? Cookie, string? Authorization, string? Address)
{
    public const string ForwardedForHeader = "X-Forwarded-For";

    private const string CookieClaim = "fibril:cookie";
    private const string AuthorizationClaim = "fibril:authorization";
    private const string AddressClaim = "fibril:address";

    public static BrowserSession None { get; } = new(null, null, null);

    /// <summary>Reads what a request of a browser carries.</summary>
    public static BrowserSession Of(HttpContext context, BrokerEntry broker) => new(
        context.Request.Cookies[broker.CookieName],
        context.Request.Headers.Authorization is [{ } header] ? header : null,
        context.Connection.RemoteIpAddress?.ToString());

    /// <summary>Reads it back where there is no request any more: in the circuit of a page.</summary>
    public static BrowserSession Of(ClaimsPrincipal user) =>
        new(user.FindFirstValue(CookieClaim), user.FindFirstValue(AuthorizationClaim), user.FindFirstValue(AddressClaim));

    /// <summary>The same as a user of the web framework, which hands it from the request to the circuit.</summary>
    public ClaimsPrincipal ToUser()
    {
        var identity = new ClaimsIdentity("fibril");
        Add(CookieClaim, Cookie);
        Add(AuthorizationClaim, Authorization);
        Add(AddressClaim, Address);
        return new ClaimsPrincipal(identity);

        void Add(string type, string? value)
        {
            if (value is not null) identity.AddClaim(new Claim(type, value));
        }
    }

    /// <summary>Puts it onto a request for the admin API.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        if (Cookie is not null) request.Headers.TryAddWithoutValidation("Cookie", $"{BrokerEntry.BrokersOwnCookie}={Cookie}");
        else if (Authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (Address is not null) request.Headers.TryAddWithoutValidation(ForwardedForHeader, Address);
    }
}
