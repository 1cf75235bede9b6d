using System.Globalization;
using System.Text;
using Fibril.Broker.Admin.Health;
using Fibril.Broker.Admin.Http;
using Fibril.Dashboard.Login;

namespace Fibril.Broker.Admin.Login;

/// <summary>Finds out who sends a request, before anything else of it is looked at .</summary>
internal sealed class AdminAuthentication(
    RequestDelegate next, AdminLogins logins, AdminSessions sessions, LoginThrottle throttle, CrossSiteGuard guard, ILogger<AdminAuthentication> logger)
{
    public const string CookieName = "fibril_admin_session";
    public const string ApiPrefix = "/admin/api";

    private const string BasicPrefix = "Basic ";

    private static readonly PathString[] Open = ["/healthz", "/livez", "/readyz", "/statusz", "/login", "/logout", "/static"];

    public async Task InvokeAsync(HttpContext context)
    {
        guard.Check(context.Request);
        if (context.Request.Path.StartsWithSegments(HealthEndpoints.ReadyPath, StringComparison.OrdinalIgnoreCase)) await RecogniseAsync(context);
        if (Open.Any(open => context.Request.Path.StartsWithSegments(open, StringComparison.OrdinalIgnoreCase)))
        {
            await next(context);
            return;
        }

        Caller? caller = logins.IsRequired ? await FindAsync(context) : Caller.Anybody;
        if (caller is null)
        {
            await TurnAwayAsync(context);
            return;
        }

        CrossSiteGuard.CheckChange(context.Request, caller);
        context.Features.Set(caller);
        await next(context);
    }

    /// <summary>Probes need no login. Whoever has one is recognised, and whoever has a wrong one is nobody.</summary>
    private async Task RecogniseAsync(HttpContext context)
    {
        try
        {
            context.Features.Set(logins.IsRequired ? await FindAsync(context) : Caller.Anybody);
        }
        catch (ApiException)
        {
            // A source that has guessed too often is not looked at, and still learns whether the broker is ready.
        }
    }

    /// <exception cref="ApiException">The source has guessed too often.</exception>
    private async Task<Caller?> FindAsync(HttpContext context)
    {
        string? header = context.Request.Headers.Authorization;
        if (header?.StartsWith(BasicPrefix, StringComparison.Ordinal) == true)
        {
            if (!TryDecode(header[BasicPrefix.Length..], out string name, out string password)) return null;
            if (await TryLoginAsync(context, logins, throttle, name, password) is { } login) return new Caller(login.UserName, logins.AccessOf(login)) { Login = login };
            logger.LoginRefused(Sessions.ChannelNames.ForLog(name), context.Connection.RemoteIpAddress);
            return null;
        }

        string? token = context.Request.Cookies[CookieName];
        if (sessions.Find(token) is not { } session) return null;
        if (logins.AccessOf(session.Login) is var now and not Access.None) return new Caller(session.Login.UserName, now, session) { Login = session.Login };
        sessions.End(token); // the user is gone, or has no role any more
        return null;
    }

    /// <summary>Looks at a name and a password; null when they are wrong.</summary>
    /// <exception cref="ApiException">The source has guessed too often.</exception>
    public static async Task<AdminLogin?> TryLoginAsync(HttpContext context, AdminLogins logins, LoginThrottle throttle, string name, string password)
    {
        System.Net.IPAddress? source = context.Connection.RemoteIpAddress;
        if (throttle.Begin(source, name) is var pause && pause > TimeSpan.Zero)
        {
            int seconds = (int)Math.Ceiling(pause.TotalSeconds);
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            });
            throw new ApiException(ApiErrorCodes.TooManyLogins, $"Too many wrong passwords came from this address. Try again in {seconds} s.");
        }

        AdminLogin? login = await logins.VerifyAsync(name, password, context.RequestAborted);
        if (login is not null) throttle.Succeeded(source, name);
        return login;
    }

    private static Task TurnAwayAsync(HttpContext context)
    {
        PathString path = context.Request.Path;
        if (path.StartsWithSegments(ApiPrefix) || path.StartsWithSegments("/metrics") || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"fibril\", charset=\"UTF-8\"";
            return ApiError.WriteAsync(context, ApiErrorCodes.Unauthorized, "Log in first: send a user name and a password (HTTP Basic), or the cookie of a login.");
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = LoginPage.For(context.Request);
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static bool TryDecode(string encoded, out string name, out string password)
    {
        (name, password) = ("", "");
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length)) return false;
        string text = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        (name, password) = (text[..colon], text[(colon + 1)..]);
        return true;
    }
}
