using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Log;
using Fibril.Broker.Security.Passwords;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions;
using SessionOptions = Fibril.Broker.Sessions.SessionOptions;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>What came of a setup, for the person who did it.</summary>
/// <param name="Admin">Where the admin listener will answer, seen from this machine.</param>
/// <param name="CaFingerprint">Of the CA that was generated; null when none was.</param>
/// <param name="Facts">What was done, one sentence each; no secrets.</param>
internal sealed record SetupSummary(Uri Admin, string? CaFingerprint, IReadOnlyList<string> Facts);

/// <summary>Checks what was chosen completely, and only then writes it. One caller at a time.</summary>
/// <param name="files">The way to the disk.</param>
/// <param name="options">What the broker would be started with now.</param>
/// <param name="preview">Loads the configuration as it will be with the text of a layer.</param>
/// <param name="time">Decides what has expired.</param>
internal sealed class SetupService(IStorageFileSystem files, BrokerOptions options, Func<string, ConfigurationOutcome> preview, TimeProvider time)
{
    private const int SecretBytes = 32;
    private const string LoopbackName = "127.0.0.1";

    private readonly SetupFiles _setup = new(files, options.DataDirectory, time);

    /// <summary>Blocks on the processor and the disk.</summary>
    /// <exception cref="SetupRefusedException">It cannot be done; nothing of it is in effect.</exception>
    public SetupSummary Apply(SetupChoices choices)
    {
        if (choices.Tls == TlsChoice.Provided) CheckProvided(choices);
        string overlay = OverlayOf(choices);
        BrokerOptions result = Preview(overlay);
        try
        {
            string? fingerprint = choices.Tls == TlsChoice.Auto ? Generate(result.Sessions) : null;
            _setup.Write(PlanOf(choices, overlay));
            return new SetupSummary(AdminOf(result), fingerprint, [.. FactsOf(choices, result)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SetupRefusedException($"It could not be written: {failure.Message}", failure);
        }
    }

    private void CheckProvided(SetupChoices choices)
    {
        try
        {
            X509Certificate2 leaf = Material.ParseServer(choices.CertificatePem, choices.KeyPem, "the field for the certificate", "the field for the key")[0];
            if (leaf.NotAfter < time.GetUtcNow().LocalDateTime) throw new SetupRefusedException($"The certificate {leaf.Subject} expired on {leaf.NotAfter:u}.");
        }
        catch (InvalidDataException unfit)
        {
            throw new SetupRefusedException(unfit.Message, unfit);
        }
    }

    private string OverlayOf(SetupChoices choices)
    {
        var settings = new List<(string, string)>();
        if (choices.Tls != TlsChoice.Skip) settings.Add((Settings.TlsEnabled, "true"));
        if (choices.Tls == TlsChoice.Auto) settings.Add((Settings.TlsAutoSelfSigned, "true"));
        if (choices.Tls == TlsChoice.Provided)
        {
            settings.Add((Settings.TlsCertificate, Printable.TomlString(SetupFiles.ProvidedPath(options.DataDirectory, SetupFiles.CertificateName))));
            settings.Add((Settings.TlsKey, Printable.TomlString(SetupFiles.ProvidedPath(options.DataDirectory, SetupFiles.KeyName))));
        }

        if (choices.BrokerUser is not null) settings.Add((Settings.AllowDefaultLoopback, "false")); // a login that everybody knows is not needed any more
        if (choices.AdminUser is not null) settings.Add((Settings.AdminAuthEnabled, "true"));
        return SetupOverlay.Write(settings);
    }

    /// <summary>What the broker will be started with; what would keep it from starting is said while it can still be chosen otherwise.</summary>
    private BrokerOptions Preview(string overlay) => preview(overlay) switch
    {
        LoadedConfiguration loaded => loaded.Options,
        ConfigurationRefusal refusal => throw new SetupRefusedException("The broker could not be started like this. " + string.Join(' ', refusal.Problems)),
        var other => throw new InvalidOperationException($"unhandled outcome {other.GetType().Name}"),
    };

    private string Generate(SessionOptions sessions)
    {
        var generated = GeneratedMaterial.Open(files, options.DataDirectory, Listeners.NamesOf(sessions), time);
        using X509Certificate2 authority = Material.ParseCertificates(Material.Read(files, generated.CaPath, Settings.TlsAutoSelfSigned), generated.CaPath)[0];
        return CertificateFingerprint.Of(authority);
    }

    private static SetupPlan PlanOf(SetupChoices choices, string overlay)
    {
        var hasher = new PasswordHasher(Argon2Cost.Default);
        var users = new List<PlannedUser>();
        if (choices.BrokerUser is { } broker) users.Add(new PlannedUser(broker.Name, hasher.Hash(broker.Password), UserRole.None));
        if (choices.AdminUser is { } admin) users.Add(new PlannedUser(admin.Name, hasher.Hash(admin.Password), UserRole.Admin));
        string? secret = choices.Secret switch
        {
            SecretChoice.Generate => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)),
            SecretChoice.Provided => choices.SecretValue,
            _ => null,
        };
        bool isProvided = choices.Tls == TlsChoice.Provided;
        return new SetupPlan(overlay, isProvided ? choices.CertificatePem : null, isProvided ? choices.KeyPem : null, secret, users);
    }

    private static Uri AdminOf(BrokerOptions result) =>
        new UriBuilder(result.Tls.ServesAdmin ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, LoopbackName, result.Admin.Bind.Port).Uri;

    private IEnumerable<string> FactsOf(SetupChoices choices, BrokerOptions result)
    {
        yield return result.Tls.Enabled ? "The broker speaks TLS." : "The broker speaks no TLS: passwords and messages travel in clear text.";
        bool asksForTls = choices.Tls != TlsChoice.Skip;
        if (asksForTls && (result.Tls.AutoSelfSigned, result.Tls.CertificatePath is null) != (choices.Tls == TlsChoice.Auto, choices.Tls == TlsChoice.Auto))
            yield return "The configuration says something else about TLS, and that counts.";
        if (choices.BrokerUser is { } broker)
        {
            yield return $"{broker.Name} may connect to the broker.";
            if (result.Auth.AllowDefaultLoopback) yield return "The configuration lets clients of this machine connect as fibril with the password fibril, too.";
        }

        if (choices.AdminUser is { } admin)
        {
            yield return result.Admin.Auth.Enabled
                ? $"{admin.Name} administers the broker: the admin listener asks for this login."
                : $"{admin.Name} is an administrator; but the configuration leaves the admin listener open to everybody who reaches it.";
        }
        else if (!result.Admin.Auth.Enabled)
        {
            yield return "There is no administrator: the admin listener asks nobody for a login.";
        }

        if (choices.Secret != SecretChoice.None)
            yield return $"The cluster secret is in {Path.Combine(Path.GetFullPath(options.DataDirectory), Security.ClusterSecret.FileName)}.";
    }
}
