using System.Net;

namespace Fibril.Dashboard.Hosting;

/// <summary>A page before the pages: login, setup. It looks like them, and needs no connection, so it works where they do not.</summary>
public static class DoorPage
{
    /// <summary>The sign of Fibril, for the heading.</summary>
    public static string Brand { get; } = $"<img src=\"{DashboardAssets.Url("favicon.svg")}\" alt=\"\" width=\"32\" height=\"32\">";

    /// <param name="title">Of the window.</param>
    /// <param name="main">HTML: the element <c>main</c> with everything in it.</param>
    /// <param name="status">Of the answer.</param>
    public static IResult Render(string title, string main, int status = StatusCodes.Status200OK) => Results.Content(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <link rel="stylesheet" href="{DashboardAssets.Url("dashboard.css")}">
        <link rel="icon" type="image/svg+xml" href="{DashboardAssets.Url("favicon.svg")}">
        <script src="{DashboardAssets.Url("theme.js")}"></script>
        </head>
        <body class="door">
        {main}
        </body>
        </html>
        """, "text/html; charset=utf-8", statusCode: status);
}
