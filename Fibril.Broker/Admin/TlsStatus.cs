using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Security.Tls;

namespace Fibril.Broker.Admin;

/// <summary>What the listeners serve TLS with. Thread-safe.</summary>
/// <param name="options">How TLS is set up.</param>
/// <param name="certificates">What is served; null when TLS is off.</param>
internal sealed class TlsStatus(TlsOptions options, Certificates? certificates)
{
    /// <summary>One line for people.</summary>
    public string Text => certificates is null
        ? "disabled; switch it on with tls.enabled"
        : $"enabled with {(options.AutoSelfSigned ? "generated" : "supplied")} certificate{(certificates.Current.IssuerFingerprint is { } ca ? $", CA {ca}" : "")}; "
            + $"admin listener: {(options.ServesAdmin ? "HTTPS" : "plain HTTP")}";

    /// <summary><c>off</c>, <c>tls</c>, or <c>mtls</c> when clients must show certificates.</summary>
    public string Mode => certificates is null ? "off" : options.ClientAuth == ClientCertificates.Require ? "mtls" : "tls";

    /// <summary>The served certificate; null when TLS is off.</summary>
    public TlsView? Describe() => certificates?.Current is not { } served ? null : new TlsView(
        served.Fingerprint, new DateTimeOffset(served.Leaf.NotBefore).ToUnixTimeSeconds(), new DateTimeOffset(served.Leaf.NotAfter).ToUnixTimeSeconds(), served.Leaf.Subject, served.IssuerFingerprint);

    /// <exception cref="ApiException">TLS is off.</exception>
    public ReloadOutcome Reload() => certificates?.Reload() ?? throw new ApiException(ApiErrorCodes.TlsReloadUnavailable, "TLS is off, so there is no certificate to load. Switch it on with tls.enabled and restart.");
}
