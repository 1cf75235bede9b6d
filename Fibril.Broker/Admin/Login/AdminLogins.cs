using System.Security.Cryptography;
using System.Text;

namespace Fibril.Broker.Admin.Login;

/// <summary>Who may log in at the admin listener, and with which access. Thread-safe.</summary>
internal sealed class AdminLogins
{
    private readonly AdminAuthOptions _options;
    private readonly byte[] _name;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[]? _password;

    public AdminLogins(AdminAuthOptions options)
    {
        _options = options;
        _name = Digest(options.UserName);
        if (options.Password is { Length: > 0 } password) _password = Digest(password);
    }

    /// <summary>False while everybody is let in without a password.</summary>
    public bool IsRequired => _options.Enabled;

    /// <summary>What a name and a password give access to; none when they are wrong. Takes as long for names that nobody has.</summary>
    public Task<Access> VerifyAsync(string userName, string password)
    {
        bool isName = CryptographicOperations.FixedTimeEquals(Digest(userName), _name);
        bool isPassword = CryptographicOperations.FixedTimeEquals(Digest(password), _password ?? _name);
        return Task.FromResult(isName && isPassword && _password is not null ? Access.Administer : Access.None);
    }

    /// <summary>What the user of a session may do now.</summary>
    public Access AccessOf(string userName) => userName == _options.UserName && _password is not null ? Access.Administer : Access.None;

    // Keyed, so that the digests in memory are worth nothing elsewhere.
    private byte[] Digest(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
}
