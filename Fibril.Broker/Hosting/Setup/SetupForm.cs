using System.Collections.Immutable;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>The fields of the page, and what they mean (admin-api 18.2).</summary>
internal static class SetupForm
{
    public const string Token = "csrf_token";
    public const string Mode = "mode";
    public const string Certificate = "cert_pem";
    public const string Key = "key_pem";
    public const string BrokerUserName = "broker_username";
    public const string BrokerPassword = "broker_password";
    public const string AdminUserName = "admin_username";
    public const string AdminPassword = "admin_password";
    public const string SecretMode = "secret_mode";
    public const string SecretValue = "secret_value";

    private static readonly ImmutableDictionary<string, TlsChoice> TlsModes = ImmutableDictionary.CreateRange(
        [KeyValuePair.Create("auto", TlsChoice.Auto), new("provided", TlsChoice.Provided), new("skip", TlsChoice.Skip)]);

    private static readonly ImmutableDictionary<string, SecretChoice> SecretModes = ImmutableDictionary.CreateRange(
        [KeyValuePair.Create("", SecretChoice.None), new("none", SecretChoice.None), new("generate", SecretChoice.Generate), new("provided", SecretChoice.Provided)]);

    /// <exception cref="SetupRefusedException">A field is missing, or has a value that means nothing.</exception>
    public static SetupChoices Read(IFormCollection form)
    {
        if (!TlsModes.TryGetValue(form[Mode].ToString(), out TlsChoice tls)) throw new SetupRefusedException("Choose what TLS is served with, or that there is none.");
        if (!SecretModes.TryGetValue(form[SecretMode].ToString(), out SecretChoice secret)) throw new SetupRefusedException("Choose where the cluster secret comes from.");
        string secretValue = form[SecretValue].ToString().Trim();
        if (secret == SecretChoice.Provided && secretValue.Length == 0) throw new SetupRefusedException("Paste the cluster secret, or choose another way to get one.");
        ChosenUser? broker = ReadUser(form, BrokerUserName, BrokerPassword, "broker user"), admin = ReadUser(form, AdminUserName, AdminPassword, "administrator");
        if (broker is not null && broker.Name == admin?.Name) throw new SetupRefusedException("The broker user and the administrator have one name. Give them two.");
        return new SetupChoices
        {
            Tls = tls,
            CertificatePem = form[Certificate].ToString(),
            KeyPem = form[Key].ToString(),
            BrokerUser = broker,
            AdminUser = admin,
            Secret = secret,
            SecretValue = secretValue,
        };
    }

    private static ChosenUser? ReadUser(IFormCollection form, string nameField, string passwordField, string what)
    {
        string name = form[nameField].ToString().Trim(), password = form[passwordField].ToString();
        if (name.Length == 0 && password.Length == 0) return null;
        if (name.Length == 0) throw new SetupRefusedException($"The {what} has a password and no name. Give both, or neither.");
        if (string.IsNullOrWhiteSpace(password)) throw new SetupRefusedException($"The {what} has a name and no password. Give both, or neither.");
        return UserNames.Explain(name) is { } fault ? throw new SetupRefusedException($"The {what}: {fault}") : new ChosenUser(name, password);
    }
}
