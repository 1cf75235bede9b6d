using System.Net;
using Fibril.Broker.Security.Tls;

namespace Fibril.Broker.Hosting.Configuration;

internal sealed partial class SettingRules
{
    private const string CertificateSources =
        $"{Settings.TlsCertificate} and {Settings.TlsKey} together, or {Settings.TlsAutoSelfSigned} = true alone";

    private IEnumerable<Rule> TlsRules =>
    [
        new(CheckCertificate, Settings.TlsEnabled, Settings.TlsCertificate, Settings.TlsKey, Settings.TlsAutoSelfSigned),
        new(() => CheckNeedsTls(Settings.TlsAdminEnabled, options.Tls.AdminEnabled), Settings.TlsEnabled, Settings.TlsAdminEnabled),
        new(() => CheckNeedsTls(Settings.TlsInterBroker, options.Tls.InterBroker), Settings.TlsEnabled, Settings.TlsInterBroker),
        new(() => CheckClientCa(Settings.TlsClientAuth, options.Tls.Enabled, options.Tls.ClientAuth), ClientCaKeys(Settings.TlsClientAuth)),
        new(() => CheckClientCa(Settings.TlsAdminClientAuth, options.Tls.ServesAdmin, options.Tls.AdminClientAuth),
            ClientCaKeys(Settings.TlsAdminClientAuth)),
    ];

    private IEnumerable<string> TlsWarnings
    {
        get
        {
            if (options.Auth.Users.Count > 0 && !options.Tls.Enabled && !IPAddress.IsLoopback(options.Sessions.Bind.Address))
            {
                yield return $"{Settings.SeedUsers}: passwords travel in clear text, because the broker listener has no TLS; "
                    + "use it in trusted networks only";
            }

            if (options.Tls.ClientAuth != ClientCertificates.Off && !options.Tls.Enabled)
                yield return $"{Settings.TlsClientAuth}: nobody is asked for a certificate while {Settings.TlsEnabled} is false";
            if (options.Tls.AdminClientAuth != ClientCertificates.Off && !options.Tls.ServesAdmin)
                yield return $"{Settings.TlsAdminClientAuth}: nobody is asked for a certificate while the admin listener has no TLS";
        }
    }

    /// <summary>TLS has exactly one source of its certificate.</summary>
    private ConfigurationProblem? CheckCertificate()
    {
        if (!options.Tls.Enabled) return null;
        return (options.Tls.AutoSelfSigned, options.Tls.CertificatePath, options.Tls.KeyPath) switch
        {
            (false, null, null) => Problem(
                Settings.TlsEnabled, "true", "needs a certificate, and none is named", $"true together with {CertificateSources}; false",
                "true", $", and {Settings.TlsAutoSelfSigned} = true for a certificate of this deployment's own"),
            (false, { } certificate, null) => StandsAlone(Settings.TlsCertificate, certificate, Settings.TlsKey),
            (false, null, { } key) => StandsAlone(Settings.TlsKey, key, Settings.TlsCertificate),
            (true, { }, _) => NamesOneAlready(Settings.TlsCertificate),
            (true, _, { }) => NamesOneAlready(Settings.TlsKey),
            _ => null,
        };
    }

    private ConfigurationProblem StandsAlone(string present, string path, string missing) => Problem(
        present, Printable.Quote(path), $"stands without {missing}", CertificateSources, path, $", and {missing} beside it");

    private ConfigurationProblem NamesOneAlready(string present) => Problem(
        Settings.TlsAutoSelfSigned, "true", $"makes a certificate, and {present} names one already", CertificateSources, "false", ", or remove the paths");

    private ConfigurationProblem? CheckNeedsTls(string key, bool? value) =>
        value != true || options.Tls.Enabled
            ? null
            : Problem(
                key, "true", $"needs {Settings.TlsEnabled}, which is false ({sourceOf(Settings.TlsEnabled)})",
                $"true only together with {Settings.TlsEnabled} = true", "false", $", or {Settings.TlsEnabled} = true");

    private ConfigurationProblem? CheckClientCa(string key, bool isServed, ClientCertificates wanted) =>
        !isServed || wanted == ClientCertificates.Off || options.Tls.ClientCaPath is not null || options.Tls.AutoSelfSigned
            ? null
            : Problem(
                key, Printable.Quote($"{wanted}".ToLowerInvariant()), "verifies certificates of clients, and no CA is named for them",
                $"off, or any together with {Settings.TlsClientCa}", "off", $", or {Settings.TlsClientCa} with the path of a PEM file");

    private static string[] ClientCaKeys(string key) =>
        [key, Settings.TlsEnabled, Settings.TlsAdminEnabled, Settings.TlsClientCa, Settings.TlsAutoSelfSigned];
}
