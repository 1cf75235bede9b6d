using System.Text.Json;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>Somebody who sends requests, as a browser does that has logged in, or as nobody.</summary>
/// <param name="Role">Their role; <c>none</c> without a login.</param>
/// <param name="Cookie">Of their session; null without a login.</param>
/// <param name="Token">What their changes need; null without a login.</param>
internal sealed record FuzzCaller(string Role, string? Cookie, string? Token)
{
    public static FuzzCaller Nobody { get; } = new("none", null, null);

    public static async Task<FuzzCaller> LoginAsync(HttpClient http, string name, string password)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = name, ["password"] = password });
        using HttpResponseMessage login = await http.PostAsync("/login", form, TestContext.Current.CancellationToken);
        string cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var ask = new HttpRequestMessage(HttpMethod.Get, "/admin/api/session");
        ask.Headers.Add("Cookie", cookie);
        using HttpResponseMessage answer = await http.SendAsync(ask, TestContext.Current.CancellationToken);
        JsonElement session = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        return new FuzzCaller(session.GetProperty("role").GetString()!, cookie, session.GetProperty("csrf_token").GetString());
    }

    public void Sign(HttpRequestMessage message)
    {
        if (Cookie is null) return;
        message.Headers.Add("Cookie", Cookie);
        if (!message.Headers.Contains("X-CSRF-Token")) message.Headers.Add("X-CSRF-Token", Token);
    }
}
