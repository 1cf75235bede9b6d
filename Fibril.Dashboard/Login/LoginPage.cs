using System.Net;
using Fibril.Dashboard.Hosting;

namespace Fibril.Dashboard.Login;

/// <summary>The page that asks a browser for a name and a password. It looks like the dashboard behind it, and needs no script.</summary>
public static class LoginPage
{
    public const string Path = "/login";

    /// <summary>Where a browser says that it leaves.</summary>
    public const string LogoutPath = "/logout";

    /// <param name="status">Of the answer.</param>
    /// <param name="back">Where to go after the login: a path of this site.</param>
    /// <param name="fault">Why there was none; null the first time.</param>
    public static IResult Render(int status, string back, string? fault = null) => DoorPage.Render("Log in to Fibril", Form(back, fault), status);

    /// <summary>Where a login leads that comes back to a page: never to another site, and not to where it would end at once.</summary>
    /// <param name="path">What a browser has sent, which anybody may have written.</param>
    public static string BackTo(string? path)
    {
        string local = LoginNavigation.LocalOr(path);
        return local.StartsWith(Path, StringComparison.OrdinalIgnoreCase) || local.StartsWith(LogoutPath, StringComparison.OrdinalIgnoreCase) ? "/" : local;
    }

    /// <summary>The address of this page for somebody who wanted another one.</summary>
    public static string For(HttpRequest request)
    {
        string wanted = request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
        return BackTo(wanted) == "/" ? Path : $"{Path}?{LoginNavigation.ReturnParameter}={Uri.EscapeDataString(wanted)}";
    }

    private static string Form(string back, string? fault) =>
        $"""
        <main>
        <form method="post" action="login" class="panel door-form">
        <h1 class="door-brand">{DoorPage.Brand} Fibril</h1>
        {(fault is null ? "" : $"<p class=\"note tone-bad\" role=\"alert\">{WebUtility.HtmlEncode(fault)}</p>")}
        <input type="hidden" name="{LoginNavigation.ReturnParameter}" value="{WebUtility.HtmlEncode(back)}">
        <div class="field"><label for="username">User name</label><input id="username" name="username" autocomplete="username" required autofocus></div>
        <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required></div>
        <button class="door-button">Log in</button>
        </form>
        </main>
        """;
}
