using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Security.Passwords;
using Fibril.Dashboard.Login;

namespace Fibril.Broker.Admin.Login;

/// <summary>Login and logout of browsers (admin-api 3.3, 3.4), and what a session may know of itself.</summary>
internal sealed class LoginRoutes(AdminLogins logins, AdminSessions sessions, LoginThrottle throttle, AuditTrail audit, ILogger<LoginRoutes> logger) : IApiModule
{
    private const int LongestField = 1024;

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/session", "Who the caller is, what the caller may do, and the token that changes by a browser need.", Describe);
    }

    public void MapPages(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(LoginPage.Path, (HttpContext context) =>
        {
            string back = LoginPage.BackTo(context.Request.Query[LoginNavigation.ReturnParameter]);
            return !logins.IsRequired || sessions.Find(Token(context)) is not null ? SeeOther(back) : LoginPage.Render(StatusCodes.Status200OK, back);
        });
        endpoints.MapPost(LoginPage.Path, (Delegate)LoginAsync); // as a RequestDelegate its result would be dropped
        endpoints.MapMethods("/logout", [HttpMethods.Get, HttpMethods.Post], Logout);
    }

    private static SessionView Describe(ApiRequest request) =>
        new(request.Caller.Name, Caller.RoleOf(request.Caller.Access), request.Caller.Session?.CsrfToken, request.Caller.Session?.StartedAt.ToUnixTimeMilliseconds());

    private async Task<IResult> LoginAsync(HttpContext context)
    {
        if (!logins.IsRequired) return SeeOther("/");
        if (await ReadAsync(context.Request) is not { } form) return LoginPage.Render(StatusCodes.Status400BadRequest, "/", "Send the form of this page.");
        (string name, string password) = (form["username"].ToString(), form["password"].ToString());
        string back = LoginPage.BackTo(form[LoginNavigation.ReturnParameter]);
        AdminLogin? login;
        try
        {
            login = name.Length > LongestField || password.Length > LongestField
                ? null
                : await AdminAuthentication.TryLoginAsync(context, logins, throttle, name, password);
        }
        catch (Exception refused) when (refused is ApiException or TooManyLoginsException && IsBrowser(context.Request))
        {
            return LoginPage.Render(StatusCodes.Status429TooManyRequests, back, refused.Message);
        }

        if (login is null)
        {
            logger.LoginRefused(Sessions.ChannelNames.ForLog(name), context.Connection.RemoteIpAddress);
            return LoginPage.Render(StatusCodes.Status401Unauthorized, back, "Unknown user name or wrong password.");
        }

        context.Response.Cookies.Append(AdminAuthentication.CookieName, sessions.Begin(login.Value), CookieOptions(context));
        Record(context, "login", name, "Logged in at the admin listener.");
        return SeeOther(back);
    }

    /// <summary>Somebody reads the answer, not a program.</summary>
    private static bool IsBrowser(HttpRequest request) => request.GetTypedHeaders().Accept.Any(static type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    /// <summary>The form; null when it is none.</summary>
    private static async Task<IFormCollection?> ReadAsync(HttpRequest request)
    {
        if (request.GetTypedHeaders().ContentType?.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return null;
        try
        {
            return await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private SeeOtherResult Logout(HttpContext context)
    {
        if (sessions.Find(Token(context)) is { } session)
            Record(context, "logout", session.Login.UserName, "Logged out at the admin listener.");
        sessions.End(Token(context));
        context.Response.Cookies.Delete(AdminAuthentication.CookieName, CookieOptions(context));
        return SeeOther(LoginPage.Path);
    }

    private void Record(HttpContext context, string kind, string userName, string text) => audit.Record(new AuditEntry(0, kind, AuditSeverity.Info, userName, text)
    {
        Actor = userName,
        SourceIp = context.Connection.RemoteIpAddress?.ToString(),
        RequestId = RequestIds.Of(context),
    });

    private static string? Token(HttpContext context) => context.Request.Cookies[AdminAuthentication.CookieName];

    private static CookieOptions CookieOptions(HttpContext context) =>
        new() { Path = "/", HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps };

    private static SeeOtherResult SeeOther(string location) => new(location);
}

/// <summary>The answer of <c>GET /admin/api/session</c>.</summary>
/// <param name="UserName">As in the audit trail.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="CsrfToken">For the header X-CSRF-Token; null for callers without a browser's session.</param>
/// <param name="StartedAtMs">When the session began, in Unix milliseconds.</param>
internal sealed record SessionView(string UserName, string Role, string? CsrfToken, long? StartedAtMs);

/// <summary>A redirect after which the browser asks with GET.</summary>
internal sealed class SeeOtherResult(string location) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        httpContext.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
