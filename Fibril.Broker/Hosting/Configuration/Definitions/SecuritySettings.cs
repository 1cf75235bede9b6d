using Fibril.Broker.Security.Tls;
using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Users of the broker listener, and TLS.</summary>
internal static class SecuritySettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar(Settings.AllowDefaultLoopback, Kind.Boolean,
            "True accepts fibril with password fibril from loopback peers while no user of that name exists.",
            options => options.Auth.AllowDefaultLoopback, (options, value) => options.Auth.AllowDefaultLoopback = value),
        new SeedUsersSetting(Settings.SeedUsers,
            "Users that may connect from any address; "
            + $"{SeedUserVariables.UserName} with {SeedUserVariables.Password} or {SeedUserVariables.PasswordFile} adds one."),

        Scalar(Settings.TlsEnabled, Kind.Boolean,
            "True speaks TLS on the broker listener; it needs a certificate, or tls.auto_self_signed.",
            options => options.Tls.Enabled, (options, value) => options.Tls.Enabled = value,
            "FIBRIL_TLS_ENABLED"),
        Scalar(Settings.TlsCertificate, Kind.OptionalPath("none"),
            "PEM file with the certificate chain, the server's own certificate first.",
            options => options.Tls.CertificatePath, (options, value) => options.Tls.CertificatePath = value,
            "FIBRIL_TLS_CERT_PATH"),
        Scalar(Settings.TlsKey, Kind.OptionalPath("none"),
            "PEM file with the key of the server's own certificate.",
            options => options.Tls.KeyPath, (options, value) => options.Tls.KeyPath = value,
            "FIBRIL_TLS_KEY_PATH"),
        Scalar(Settings.TlsAutoSelfSigned, Kind.Boolean,
            "True makes a CA and a certificate of this deployment's own, under tls in the data directory.",
            options => options.Tls.AutoSelfSigned, (options, value) => options.Tls.AutoSelfSigned = value,
            "FIBRIL_TLS_AUTO_SELF_SIGNED"),
        Scalar(Settings.TlsAdminEnabled, Kind.Optional(Kind.Boolean, "as tls.enabled"),
            "Whether the admin listener speaks HTTPS; false behind a proxy that does.",
            options => options.Tls.AdminEnabled, (options, value) => options.Tls.AdminEnabled = value,
            "FIBRIL_TLS_ADMIN_ENABLED"),
        Scalar(Settings.TlsInterBroker, Kind.Optional(Kind.Boolean, "as tls.enabled"),
            "Whether brokers and coordinators speak TLS with each other.",
            options => options.Tls.InterBroker, (options, value) => options.Tls.InterBroker = value,
            "FIBRIL_TLS_INTER_BROKER"),
        Scalar("tls.peer_ca_path", Kind.OptionalPath("the generated CA, then those of the system"),
            "PEM file with the CAs that certificates of other brokers come from.",
            options => options.Tls.PeerCaPath, (options, value) => options.Tls.PeerCaPath = value,
            "FIBRIL_TLS_PEER_CA_PATH"),
        Scalar(Settings.TlsClientAuth, Kind.OneOf<ClientCertificates>(),
            "Whether clients of the broker listener are asked for a certificate, or must have one.",
            options => options.Tls.ClientAuth, (options, value) => options.Tls.ClientAuth = value,
            "FIBRIL_TLS_CLIENT_AUTH"),
        Scalar(Settings.TlsAdminClientAuth, Kind.OneOf<ClientCertificates>(),
            "Whether clients of the admin listener are asked for a certificate, or must have one.",
            options => options.Tls.AdminClientAuth, (options, value) => options.Tls.AdminClientAuth = value,
            "FIBRIL_TLS_ADMIN_CLIENT_AUTH"),
        Scalar(Settings.TlsClientCa, Kind.OptionalPath("the generated CA"),
            "PEM file with the CAs that certificates of clients come from.",
            options => options.Tls.ClientCaPath, (options, value) => options.Tls.ClientCaPath = value,
            "FIBRIL_TLS_CLIENT_CA_PATH"),
    ];
}
