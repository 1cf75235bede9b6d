using System.Net;
using Fibril.Dashboard.Hosting;

namespace Fibril.Dashboard.Login;

/// <summary>The page that asks a browser for a name and a password. It needs no connection, so it works where pages do not.</summary>
public static class LoginPage
{
    /// <param name="status">Of the answer.</param>
    /// <param name="fault">What is wrong; null at the first time.</param>
    /// <param name="destination">Where to go afterwards: a path of this site.</param>
    public static IResult Render(int status, string? fault, string destination) => Results.Content(Html(fault, destination), "text/html; charset=utf-8", statusCode: status);

    private static string Html(string? fault, string destination) =>
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Log in – Fibril</title>
        <link rel="stylesheet" href="{{DashboardAssets.Url("dashboard.css")}}">
        <link rel="icon" type="image/svg+xml" href="{{DashboardAssets.Url("favicon.svg")}}">
        <script src="{{DashboardAssets.Url("theme.js")}}"></script>
        </head>
        <body>
        <main class="alone">
        <form class="panel" method="post" action="login">
        <p class="brand"><img src="{{DashboardAssets.Url("favicon.svg")}}" alt="" width="26" height="26">Fibril</p>
        <h1>Log in</h1>
        {{(fault is null ? "" : $"<p class=\"note tone-bad\" role=\"alert\">{WebUtility.HtmlEncode(fault)}</p>")}}
        <input type="hidden" name="{{LoginNavigation.ReturnParameter}}" value="{{WebUtility.HtmlEncode(destination)}}">
        <div class="field"><label for="username">User name</label><input id="username" name="username" autocomplete="username" required autofocus></div>
        <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required></div>
        <button class="primary">Log in</button>
        </form>
        </main>
        </body>
        </html>
        """;
}
