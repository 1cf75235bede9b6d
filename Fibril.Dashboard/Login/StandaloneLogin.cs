using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Hosting;
using Microsoft.Net.Http.Headers;

namespace Fibril.Dashboard.Login;

/// <summary>Logs a browser in at brokers elsewhere. A name and a password that several of them know count at all of those (U-27); nothing is kept here but in the browser's cookies.</summary>
public sealed class StandaloneLogin(BrokerDirectory directory)
{
    // Cookies are deleted by the answer: somebody who leaves does not stay logged in while a broker says nothing.
    private static readonly TimeSpan LogoutTimeout = TimeSpan.FromSeconds(2);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(LoginPage.Path, (string? @return) => LoginPage.Render(StatusCodes.Status200OK, LoginPage.BackTo(@return)));
        // As request delegates, their results would be dropped.
        endpoints.MapPost(LoginPage.Path, (Delegate)LoginAsync).DisableAntiforgery();
        endpoints.MapPost(LoginPage.LogoutPath, (Delegate)LogoutAsync).DisableAntiforgery();
    }

    private async Task<IResult> LoginAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType) return LoginPage.Render(StatusCodes.Status400BadRequest, "/", "Send the form of this page.");
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string destination = LoginPage.BackTo(form[LoginNavigation.ReturnParameter]);
        (BrokerEntry Broker, string? Token, string? Fault)[] tries = await Task.WhenAll(
            directory.All.Select(broker => TryAsync(broker, form["username"].ToString(), form["password"].ToString(), context.RequestAborted)));
        foreach ((BrokerEntry broker, string? token, _) in tries)
        {
            if (token is not null) context.Response.Cookies.Append(broker.CookieName, token, OptionsOf(context));
        }

        // Above the pages of the brokers, it is enough that one of them knows who this is.
        bool isOfAll = !context.Request.PathBase.HasValue;
        (BrokerEntry Broker, string? Token, string? Fault)[] wanted = [.. tries.Where(tried => isOfAll || tried.Broker.BasePath.TrimEnd('/') == context.Request.PathBase)];
        return wanted.All(static tried => tried.Token is null)
            ? LoginPage.Render(StatusCodes.Status401Unauthorized, destination, wanted.Select(static tried => tried.Fault).FirstOrDefault(static fault => fault is not null) ?? "Unknown user name or wrong password.")
            : Results.Redirect(isOfAll && destination == "/" ? BrokerPaths.AllBrokers : $"{context.Request.PathBase}{destination}");
    }

    private async Task<IResult> LogoutAsync(HttpContext context)
    {
        BrowserSessions sessions = BrowserSessions.Of(context, directory);
        foreach (BrokerEntry broker in directory.All) context.Response.Cookies.Delete(broker.CookieName, OptionsOf(context));
        await Task.WhenAll(directory.All.Where(broker => sessions.Tokens.ContainsKey(broker.Name)).Select(broker => EndAsync(broker, sessions)));
        return Results.Redirect($"{context.Request.PathBase}{LoginPage.Path}");
    }

    /// <summary>Ends a session at its broker, also when the browser does not wait for that.</summary>
    private static async Task EndAsync(BrokerEntry broker, BrowserSessions sessions)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "logout");
        sessions.AddTo(request, broker);
        using var timeout = new CancellationTokenSource(LogoutTimeout);
        try
        {
            using HttpResponseMessage response = await broker.Http.SendAsync(request, timeout.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            // Its session ends by idleness.
        }
    }

    private static async Task<(BrokerEntry Broker, string? Token, string? Fault)> TryAsync(BrokerEntry broker, string userName, string password, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("username", userName), KeyValuePair.Create("password", password)]);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(BrokerHttp.Timeout);
        try
        {
            using HttpResponseMessage response = await broker.Http.PostAsync("login", content, timeout.Token);
            string? token = response.Headers.TryGetValues(HeaderNames.SetCookie, out IEnumerable<string>? cookies)
                ? SetCookieHeaderValue.ParseList([.. cookies]).FirstOrDefault(static cookie => cookie.Name == BrokerEntry.BrokersOwnCookie)?.Value.ToString()
                : null;
            return (broker, token, (int)response.StatusCode == StatusCodes.Status429TooManyRequests ? "Too many wrong passwords came from here. Try again in a minute." : null);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (broker, null, $"The broker {broker.Name} cannot be reached.");
        }
    }

    private static CookieOptions OptionsOf(HttpContext context) => new() { Path = "/", HttpOnly = true, SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Strict, Secure = context.Request.IsHttps };
}
