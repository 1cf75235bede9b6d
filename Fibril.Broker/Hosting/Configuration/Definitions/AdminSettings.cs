using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The admin listener, and who may use it.</summary>
internal static class AdminSettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar("admin.metrics_per_channel", Kind.Boolean,
            "True exports metrics of each loaded queue and stream.",
            options => options.Admin.MetricsPerChannel, (options, value) => options.Admin.MetricsPerChannel = value,
            "FIBRIL_ADMIN_METRICS_PER_CHANNEL"),

        Scalar(Settings.AdminBind, Kind.Endpoint,
            "Address and port of the admin HTTP listener; other addresses than loopback need admin.auth.enabled, or admin.auth.allow_unauthenticated.",
            options => options.Admin.Bind, (options, value) => options.Admin.Bind = value,
            "FIBRIL_ADMIN_BIND", "--admin-bind"),
        Scalar("admin.listener.advertise", Kind.HostPorts,
            "Addresses that others reach the admin listener at; the first one counts, and without any it is the one it binds to.",
            options => options.Admin.Advertise, (options, value) => options.Admin.Advertise = value,
            "FIBRIL_ADMIN_ADVERTISE"),

        Scalar(Settings.AdminAuthEnabled, Kind.Boolean,
            "True asks everybody on the admin listener for a login.",
            options => options.Admin.Auth.Enabled, (options, value) => options.Admin.Auth.Enabled = value,
            "FIBRIL_ADMIN_AUTH_ENABLED", "--admin-auth-enabled"),
        Scalar("admin.auth.username", Kind.Name,
            "Name of the administrator.",
            options => options.Admin.Auth.UserName, (options, value) => options.Admin.Auth.UserName = value,
            "FIBRIL_ADMIN_USERNAME", "--admin-username"),
        new PasswordSetting(Settings.AdminPassword,
            "Password of the administrator; better kept in a file that admin.auth.password_file names.",
            options => options.Admin.Auth.PasswordFile is null ? options.Admin.Auth.Password : null,
            (options, value) => options.Admin.Auth.Password = value,
            "FIBRIL_ADMIN_PASSWORD", "--admin-password"),
        new AdminPasswordFileSetting(),
        Scalar(Settings.AllowUnauthenticated, Kind.Boolean,
            "True lets the admin listener be reached from other machines although it asks nobody for a password.",
            options => options.Admin.Auth.AllowUnauthenticated, (options, value) => options.Admin.Auth.AllowUnauthenticated = value),
        Scalar(Settings.SessionIdleTimeout, Kind.Duration(OneMinute, TimeSpan.FromDays(7)),
            "A login of a browser ends after this time without a request.",
            options => options.Admin.Auth.SessionIdleTimeout, (options, value) => options.Admin.Auth.SessionIdleTimeout = value),
        Scalar(Settings.SessionAbsoluteTimeout, Kind.Duration(OneMinute, TimeSpan.FromDays(30)),
            "A login of a browser ends after this time, used or not.",
            options => options.Admin.Auth.SessionAbsoluteTimeout, (options, value) => options.Admin.Auth.SessionAbsoluteTimeout = value),

        Scalar("admin.health.verbose_public", Kind.Boolean,
            "True lets health answers name topics to whoever asks, and not only to who is logged in.",
            options => options.Admin.HealthVerbosePublic, (options, value) => options.Admin.HealthVerbosePublic = value),
    ];
}
