using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Admin.Login;

/// <summary>Somebody who has shown a password.</summary>
/// <param name="UserName">The name.</param>
/// <param name="IsConfigured">True for the administrator of the configuration; false for a stored user, who may have the same name.</param>
internal readonly record struct AdminLogin(string UserName, bool IsConfigured);

/// <summary>Who may log in at the admin listener: the administrator of the configuration, and stored users with a role. Thread-safe.</summary>
internal sealed class AdminLogins
{
    private readonly AdminAuthOptions _options;
    private readonly UserDirectory _users;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _name;
    private readonly byte[]? _password;

    public AdminLogins(AdminAuthOptions options, UserDirectory users)
    {
        _options = options;
        _users = users;
        _name = Digest(options.UserName);
        if (options.Password is { Length: > 0 } password) _password = Digest(password);
    }

    /// <summary>False while everybody is let in without a password.</summary>
    public bool IsRequired => _options.Enabled;

    /// <summary>Looks at a name and a password. A wrong one takes as long as a name that nobody has .</summary>
    /// <returns>Null when they are wrong, or their user has no role.</returns>
    public async Task<AdminLogin?> VerifyAsync(string userName, string password, CancellationToken cancellationToken)
    {
        bool isName = CryptographicOperations.FixedTimeEquals(Digest(userName), _name);
        bool isPassword = _password is not null && CryptographicOperations.FixedTimeEquals(Digest(password), _password);
        if (isName && isPassword) return new AdminLogin(userName, IsConfigured: true);
        return await _users.VerifyAsync(userName, password, cancellationToken) is { Role: not UserRole.None } user ? new AdminLogin(user.Name, IsConfigured: false) : null;
    }

    /// <summary>What somebody who has logged in may do now.</summary>
    public Access AccessOf(AdminLogin login) => login.IsConfigured ? Access.Administer : _users.Find(login.UserName)?.Role switch
    {
        UserRole.Viewer => Access.View,
        UserRole.Operator => Access.Operate,
        UserRole.Admin => Access.Administer,
        _ => Access.None,
    };

    /// <summary>Changes when the password of somebody who has logged in does; for comparing, not for showing.</summary>
    public string? PasswordOf(AdminLogin login) => login.IsConfigured ? null : _users.Find(login.UserName)?.PasswordHash;

    // Keyed, so that the digests in memory are worth nothing elsewhere.
    private byte[] Digest(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
}
