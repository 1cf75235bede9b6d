using System.Security.Claims;
using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Login;

/// <summary>What a browser shows that it may use brokers: handed on to their admin APIs with every request, and judged there alone.</summary>
/// <param name="Tokens">Of sessions, by the name of the broker.</param>
/// <param name="Authorization">The header of that name, for browsers that were given a user name and a password in the address.</param>
/// <param name="Address">Where the browser is, for the audit trail.</param>
public sealed record BrowserSessions(IReadOnlyDictionary<string, string> Tokens, string? Authorization, string? Address)
{
    public const string ForwardedForHeader = "X-Forwarded-For";

    private const string TokenClaim = "fibril:token";
    private const string AuthorizationClaim = "fibril:authorization";
    private const string AddressClaim = "fibril:address";

    /// <summary>Of somebody who shows nothing.</summary>
    public static BrowserSessions None { get; } = new(new Dictionary<string, string>(), null, null);

    /// <summary>Reads what a request of a browser carries.</summary>
    public static BrowserSessions Of(HttpContext context, BrokerDirectory directory)
    {
        var tokens = new Dictionary<string, string>();
        foreach (BrokerEntry broker in directory.All)
        {
            if (context.Request.Cookies[broker.CookieName] is { Length: > 0 } token) tokens[broker.Name] = token;
        }

        return new BrowserSessions(tokens, context.Request.Headers.Authorization is [{ } header] ? header : null, context.Connection.RemoteIpAddress?.ToString());
    }

    /// <summary>Reads it back where there is no request any more: in the circuit of a page.</summary>
    public static BrowserSessions Of(ClaimsPrincipal user) => new(
        user.FindAll(TokenClaim).Select(static claim => claim.Value.Split('\n', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]),
        user.FindFirstValue(AuthorizationClaim), user.FindFirstValue(AddressClaim));

    /// <summary>The same as a user of the web framework, which hands it from the request to the circuit.</summary>
    public ClaimsPrincipal ToUser()
    {
        var identity = new ClaimsIdentity("fibril");
        foreach ((string broker, string token) in Tokens) identity.AddClaim(new Claim(TokenClaim, $"{broker}\n{token}"));
        if (Authorization is not null) identity.AddClaim(new Claim(AuthorizationClaim, Authorization));
        if (Address is not null) identity.AddClaim(new Claim(AddressClaim, Address));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>Puts it onto a request for the admin API of a broker.</summary>
    public void AddTo(HttpRequestMessage request, BrokerEntry broker)
    {
        if (Tokens.TryGetValue(broker.Name, out string? token)) request.Headers.TryAddWithoutValidation("Cookie", $"{BrokerEntry.BrokersOwnCookie}={token}");
        else if (Authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (Address is not null) request.Headers.TryAddWithoutValidation(ForwardedForHeader, Address);
    }
}
