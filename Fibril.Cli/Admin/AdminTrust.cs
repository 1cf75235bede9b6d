using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Client;
using Fibril.Client.Tls;

namespace Fibril.Cli.Admin;

/// <summary>Gives HTTPS the same trust that the client library gives the broker's own protocol.</summary>
internal static class AdminTrust
{
    /// <exception cref="CliException">A file cannot be used.</exception>
    public static SslClientAuthenticationOptions Create(TlsSettings tls, Talk talk)
    {
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = tls.ServerName, CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
            if (tls.ClientCertificateFile is { } certificate && tls.ClientKeyFile is { } key)
            {
                X509Certificate2Collection own = PemFiles.ReadWithKey(certificate, key);
                options.ClientCertificateContext = SslStreamCertificateContext.Create(own[0], [.. own.Skip(1)], offline: true);
            }

            if (tls.IsInsecure) options.RemoteCertificateValidationCallback = (_, leaf, _, _) => Warn(leaf as X509Certificate2, talk);
            else if (FibrilTlsOptions.ParseFingerprint(tls.Fingerprint) is { } pin)
            {
                options.RemoteCertificateValidationCallback = (_, leaf, chain, _) => leaf is X509Certificate2 shown && PinnedTrust.Accepts(pin, shown, chain?.ChainPolicy.ExtraStore ?? []);
            }
            else if (tls.CaFile is { } caFile)
            {
                options.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(PemFiles.ReadAuthorities(caFile));
            }

            return options;
        }
        catch (FibrilTlsException unfit)
        {
            throw new CliException(ExitCode.Failure, unfit.Message, "Correct --ca-file, --client-cert or --client-key.", unfit);
        }
    }

    private static bool Warn(X509Certificate2? shown, Talk talk)
    {
        talk.Insist(InsecureTrust.Warning("the admin API", shown));
        return true;
    }
}
