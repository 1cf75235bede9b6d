using System.Net;

namespace Fibril.Broker.Hosting.Configuration;

internal sealed partial class SettingRules
{
    private IEnumerable<Rule> AdminRules =>
    [
        new(CheckAdminReach, Settings.AdminBind, Settings.AllowUnauthenticated, Settings.AdminAuthEnabled),
        new(CheckAdminPassword, Settings.AdminAuthEnabled, Settings.AdminPassword, Settings.AdminPasswordFile),
        new(CheckSessionTimeouts, Settings.SessionIdleTimeout, Settings.SessionAbsoluteTimeout),
    ];

    private IEnumerable<string> AdminWarnings
    {
        get
        {
            if (!IsAdminRemote) yield break;
            if (!options.Admin.Auth.Enabled)
            {
                yield return $"{Settings.AdminBind}: {options.Admin.Bind} can be reached from other machines and asks nobody for a password "
                    + $"({Settings.AllowUnauthenticated} = true)";
            }
            else if (!options.Tls.ServesAdmin)
            {
                yield return $"{Settings.AdminBind}: logins from other machines travel in clear text, because the admin listener has no TLS; "
                    + "use it in trusted networks or behind a proxy with TLS only";
            }
        }
    }

    private bool IsAdminRemote => !IPAddress.IsLoopback(options.Admin.Bind.Address);

    private ConfigurationProblem? CheckAdminReach()
    {
        if (!IsAdminRemote || options.Admin.Auth.Enabled || options.Admin.Auth.AllowUnauthenticated) return null;
        if (setup == SetupState.Awaited) return null; // it can name an administrator, and this is looked at again with what it says
        string local = new IPEndPoint(IPAddress.Loopback, options.Admin.Bind.Port).ToString();
        bool inFile = sourceOf(Settings.AdminBind).Notation == Notation.Toml;
        string login = inFile ? "enabled = true with a password under [admin.auth]" : $"{Settings.AdminAuthEnabled} = true with a password";
        string open = inFile ? "allow_unauthenticated = true there" : $"{Settings.AllowUnauthenticated} = true";
        return Problem(
            Settings.AdminBind, options.Admin.Bind, "can be reached from other machines, and the admin listener asks nobody for a password",
            $"a loopback address, or any address together with {Settings.AdminAuthEnabled} = true or {Settings.AllowUnauthenticated} = true",
            local, $" to stay on this machine, or {login}, or {open} to let everybody in");
    }

    private ConfigurationProblem? CheckAdminPassword() =>
        // The setup switches it on together with an administrator among the stored users.
        !options.Admin.Auth.Enabled || options.Admin.Auth.Password is not null || SetupOverlay.IsSource(sourceOf(Settings.AdminAuthEnabled))
            ? null
            : Problem(
                Settings.AdminAuthEnabled, "true", "asks for a login, and the administrator has no password",
                $"true together with {Settings.AdminPassword} or {Settings.AdminPasswordFile}; false",
                "true", $", and {Settings.AdminPasswordFile} or FIBRIL_ADMIN_PASSWORD_FILE with the path of a file that holds the password");

    private ConfigurationProblem? CheckSessionTimeouts()
    {
        TimeSpan idle = options.Admin.Auth.SessionIdleTimeout, absolute = options.Admin.Auth.SessionAbsoluteTimeout;
        return idle <= absolute ? null : Problem(
            Settings.SessionIdleTimeout, (long)idle.TotalMilliseconds,
            $"is more than {Settings.SessionAbsoluteTimeout} ({(long)absolute.TotalMilliseconds}, {sourceOf(Settings.SessionAbsoluteTimeout)})",
            $"at most {Settings.SessionAbsoluteTimeout}", (long)absolute.TotalMilliseconds);
    }
}
