using System.Net;

namespace Fibril.Broker.Admin.Login;

/// <summary>The page that asks a browser for a name and a password. It needs nothing but itself.</summary>
internal static class LoginPage
{
    public static IResult Render(int status, string? fault = null) => Results.Content(Html(fault), "text/html; charset=utf-8", statusCode: status);

    private static string Html(string? fault) =>
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Log in to Fibril</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0; background: #f4f5f7; color: #1d2433; }
        form { background: #fff; padding: 2rem; border-radius: .5rem; box-shadow: 0 1px 4px rgb(0 0 0 / .15); width: min(20rem, 90vw); box-sizing: border-box; }
        h1 { font-size: 1.25rem; margin: 0 0 1rem; }
        label { display: block; margin: .75rem 0 .25rem; }
        input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; border: 1px solid #8a94a6; border-radius: .25rem; }
        button { margin-top: 1.25rem; background: #1f4fd8; border-color: #1f4fd8; color: #fff; cursor: pointer; }
        .fault { color: #a3121e; margin: 0; }
        </style>
        </head>
        <body>
        <form method="post" action="/login">
        <h1>Fibril</h1>
        {{(fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{WebUtility.HtmlEncode(fault)}</p>")}}
        <label for="username">User name</label>
        <input id="username" name="username" autocomplete="username" required autofocus>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required>
        <button>Log in</button>
        </form>
        </body>
        </html>
        """;
}
