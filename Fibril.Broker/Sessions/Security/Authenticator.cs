using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Fibril.Broker.Sessions.Security;

/// <summary>Decides who may connect: configured users from anywhere, the built-in pair from this machine (AUT-4, A-7). Thread-safe.</summary>
internal sealed class Authenticator
{
    private const string DefaultName = "fibril";
    private const string WrongCredentials = "Unknown user name or wrong password.";
    private const string DefaultPairIsLocal =
        "The built-in user fibril works from this machine only. Name a user in the broker's configuration (auth.seed_users) and log in as that one.";

    private static readonly byte[] NobodysDigest = Digest("\0");

    private readonly Dictionary<string, byte[]> _users;
    private readonly bool _defaultPairIsOn;

    public Authenticator(AuthOptions options)
    {
        _users = options.Users.ToDictionary(static user => user.UserName.Trim(), static user => Digest(user.Password), StringComparer.Ordinal);
        _defaultPairIsOn = options.AllowDefaultLoopback && !_users.ContainsKey(DefaultName);
    }

    /// <summary>Null when the credentials are good, else the text of the refusal, which does not tell whether the user exists.</summary>
    public string? Refuse(string userName, string password, IPAddress? peer)
    {
        string name = userName.Trim();
        bool isKnown = _users.TryGetValue(name, out byte[]? expected);

        // An unknown user costs the same comparison (AUT-5).
        bool matches = CryptographicOperations.FixedTimeEquals(Digest(password), expected ?? NobodysDigest);
        if (isKnown) return matches ? null : WrongCredentials;
        if (!_defaultPairIsOn || name != DefaultName || password != DefaultName) return WrongCredentials;
        return peer is not null && IPAddress.IsLoopback(peer) ? null : DefaultPairIsLocal;
    }

    private static byte[] Digest(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
