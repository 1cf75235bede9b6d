using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Security;
using Fibril.Broker.Security.Logins;
using Fibril.Broker.Security.Passwords;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Sessions.Security;

/// <summary>Decides who may connect, in this order: nodes, stored users from anywhere, the built-in pair from this machine. Thread-safe.</summary>
/// <param name="options">Whether there is a built-in pair.</param>
/// <param name="users">The stored users.</param>
/// <param name="secret">What nodes prove that they know; null when there is none.</param>
/// <param name="time">That of the peers: it slows guessing down.</param>
internal sealed class Authenticator(AuthOptions options, UserDirectory users, ClusterSecret? secret, TimeProvider time)
{
    private const string BuiltInName = "fibril";
    private const string WrongCredentials = "Unknown user name or wrong password.";
    private const string TooManyFailures = "Too many logins from this address had wrong credentials lately. Correct them, wait a few seconds, and try again.";
    private const string BuiltInIsLocal =
        "The built-in user fibril works from this machine only. Create a user (admin API, dashboard, or auth.seed_users in the broker's configuration "
        + "while it has no users) and log in as that one.";

    private const string NoSecret =
        "This broker has no cluster secret, so no node can log in. Give every broker of the cluster the same one: FIBRIL_CLUSTER_SECRET, "
        + "coordination.secret_path, or the file cluster.secret in the data directory.";

    private const string WrongSecret =
        "The cluster secret of this node is not the one of the broker. Give both the same one: FIBRIL_CLUSTER_SECRET, coordination.secret_path, "
        + "or the file cluster.secret in the data directory.";

    private static readonly byte[] BuiltInPassword = Encoding.UTF8.GetBytes(BuiltInName);

    private readonly LoginDamper _damper = new(time);

    public UserDirectory Users => users;

    /// <summary>Where logins wait that cost something to look at.</summary>
    public LoginPlaces Places { get; } = new();

    /// <summary>Judges credentials. The text of a refusal does not tell whether the user exists .</summary>
    /// <param name="userName">As the client sent it.</param>
    /// <param name="password">The same.</param>
    /// <param name="peer">Where it comes from.</param>
    /// <param name="cancellationToken">Nobody is there any more to be answered.</param>
    public async ValueTask<Login> LoginAsync(string userName, string password, IPAddress? peer, CancellationToken cancellationToken = default)
    {
        string name = userName.Trim();
        if (users.FindVerified(name, password) is not null) return Login.As(name, PrincipalKind.Stored);
        if (IsBuiltIn(name, password))
            return peer is not null && IPAddress.IsLoopback(peer) ? Login.As(name, PrincipalKind.BuiltIn) : Login.Refused(BuiltInIsLocal);

        LoginTurn turn = await _damper.WaitAsync(peer, cancellationToken);
        if (turn == LoginTurn.Refused) return Login.Refused(TooManyFailures);
        using IDisposable? place = await Places.EnterAsync(peer, cancellationToken);
        if (place is null) return Login.Overloaded(TooManyLoginsException.Text);
        if (users.FindVerified(name, password) is not null) return Login.As(name, PrincipalKind.Stored); // by one that came with it

        // While it waited for its place, others of its source may have failed.
        if (turn == LoginTurn.AtOnce && await _damper.WaitAsync(peer, cancellationToken) == LoginTurn.Refused) return Login.Refused(TooManyFailures);
        return await LookAsync(name, password, peer, cancellationToken);
    }

    private async ValueTask<Login> LookAsync(string name, string password, IPAddress? peer, CancellationToken cancellationToken)
    {
        try
        {
            Login login = name == ClusterSecret.NodeName ? LoginNode(password) : await LoginUserAsync(name, password, cancellationToken);
            if (login.Principal is null) _damper.NoteFailure(peer);
            return login;
        }
        catch (TooManyLoginsException)
        {
            return Login.Overloaded(TooManyLoginsException.Text);
        }
    }

    /// <summary>Finds the user that a certificate stands for, whose chain was verified; null when it stands for none .</summary>
    /// <param name="identity">The name in the certificate.</param>
    public Principal? FindByCertificate(string identity) =>
        !UserNames.IsReserved(identity) && users.Find(identity) is { } user ? new Principal(user.Name, PrincipalKind.Stored) : null;

    private Login LoginNode(string password)
    {
        if (secret is null) return Login.Refused(NoSecret);
        return secret.Matches(password) ? Login.As(ClusterSecret.NodeName, PrincipalKind.Node) : Login.Refused(WrongSecret);
    }

    private async ValueTask<Login> LoginUserAsync(string name, string password, CancellationToken cancellationToken) =>
        await users.VerifyClientAsync(name, password, cancellationToken) is { } user
            ? Login.As(user.Name, PrincipalKind.Stored)
            : Login.Refused(WrongCredentials);

    /// <summary>A user of the same name replaces the pair, everywhere .</summary>
    private bool IsBuiltIn(string name, string password) =>
        options.AllowDefaultLoopback && name == BuiltInName && users.Find(BuiltInName) is null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), BuiltInPassword);
}
