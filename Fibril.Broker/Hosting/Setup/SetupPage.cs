using System.Net;
using Fibril.Dashboard.Hosting;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>The page of the setup, in the look of the dashboard; everything that came from outside is encoded, and secrets are never sent back.</summary>
internal static class SetupPage
{
    /// <param name="token">What the form proves that it is this page with.</param>
    /// <param name="fault">Why the choices were not applied; null the first time.</param>
    /// <param name="form">What was sent: shown again, but for secrets.</param>
    public static IResult Render(string token, string? fault = null, IFormCollection? form = null)
    {
        string secretMode = Sent(form, SetupForm.SecretMode, "none");
        return Page("Set up Fibril", $$"""
            <h1 class="door-brand">{{DoorPage.Brand}} Set up Fibril</h1>
            <p>Nobody can connect to this broker until you have chosen. What a configuration file, the environment or the command line says always counts more than what is chosen here.</p>
            {{(fault is null ? "" : $"<p class=\"note tone-bad\" role=\"alert\">Nothing was applied. {WebUtility.HtmlEncode(fault)}</p>")}}
            <form method="post" action="/setup" autocomplete="off">
            <input type="hidden" name="{{SetupForm.Token}}" value="{{token}}">
            <fieldset class="panel"><legend>TLS</legend>
            {{Radio(SetupForm.Mode, "auto", Sent(form, SetupForm.Mode, "auto"), "Generate a CA and a certificate", "Clients trust the CA file or its fingerprint, which is shown next.")}}
            {{Radio(SetupForm.Mode, "provided", Sent(form, SetupForm.Mode, "auto"), "Use this certificate", "PEM: the chain, the server's own certificate first; and its key without a passphrase.")}}
            <label class="field setup-field">Certificate<textarea name="{{SetupForm.Certificate}}" spellcheck="false">{{Encoded(form, SetupForm.Certificate)}}</textarea></label>
            <label class="field setup-field">Key<textarea name="{{SetupForm.Key}}" spellcheck="false"></textarea></label>
            {{Radio(SetupForm.Mode, "skip", Sent(form, SetupForm.Mode, "auto"), "No TLS", "Passwords and messages travel in clear text: for this machine, or for a network that you trust.")}}
            </fieldset>
            <fieldset class="panel"><legend>Broker user (optional)</legend>
            <small>Publishes and consumes. Not an administrator. With one, nobody connects as fibril with the password fibril any more.</small>
            {{User(form, SetupForm.BrokerUserName, SetupForm.BrokerPassword)}}
            </fieldset>
            <fieldset class="panel"><legend>Administrator (optional)</legend>
            <small>Uses the admin pages and the admin API, which then ask for a login; may also do everything on the broker.</small>
            {{User(form, SetupForm.AdminUserName, SetupForm.AdminPassword)}}
            </fieldset>
            <fieldset class="panel"><legend>Cluster secret</legend>
            {{Radio(SetupForm.SecretMode, "none", secretMode, "None", "One broker needs none.")}}
            {{Radio(SetupForm.SecretMode, "generate", secretMode, "Generate one", "It is written into the data directory; copy it from there to the other brokers.")}}
            {{Radio(SetupForm.SecretMode, "provided", secretMode, "Use this one", "The same on every broker of the cluster.")}}
            <label class="field setup-field">Secret<input name="{{SetupForm.SecretValue}}" type="password" autocomplete="off"></label>
            </fieldset>
            <button class="door-button">Apply and start the broker</button>
            </form>
            """);
    }

    public static IResult RenderDone(SetupSummary summary)
    {
        string address = WebUtility.HtmlEncode(summary.Admin.ToString());
        string fingerprint = summary.CaFingerprint is null
            ? ""
            : $"<p>SHA-256 fingerprint of the CA, for clients that pin it:<br><code>{WebUtility.HtmlEncode(summary.CaFingerprint)}</code></p>";
        return Page("Fibril is set up", $"""
            <h1 class="door-brand">{DoorPage.Brand} Fibril is set up</h1>
            <p>The broker is starting. The admin listener answers at <a href="{address}">{address}</a>.</p>
            <ul>{string.Concat(summary.Facts.Select(static fact => $"<li>{WebUtility.HtmlEncode(fact)}</li>"))}</ul>
            {fingerprint}
            """);
    }

    private static IResult Page(string title, string body) => DoorPage.Render(title, $"<main class=\"setup\">\n{body}\n</main>");

    private static string Radio(string name, string value, string chosen, string label, string note) =>
        $"<label class=\"setup-choice\"><input type=\"radio\" name=\"{name}\" value=\"{value}\"{(chosen == value ? " checked" : "")}> {label}<small>{note}</small></label>";

    private static string User(IFormCollection? form, string nameField, string passwordField) => $"""
        <label class="field setup-field">User name<input name="{nameField}" value="{Encoded(form, nameField)}" autocomplete="off"></label>
        <label class="field setup-field">Password<input name="{passwordField}" type="password" autocomplete="new-password"></label>
        """;

    private static string Sent(IFormCollection? form, string field, string initial) => form?[field].ToString() is { Length: > 0 } sent ? sent : initial;

    private static string Encoded(IFormCollection? form, string field) => WebUtility.HtmlEncode(form?[field].ToString()) ?? "";
}
