using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions.Security;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// What the user of a connection may do. It is looked at when a way to a partition is opened, not for every message: a change of the users
// closes the ways, before the next frame is handled.
internal sealed partial class ClientConnection
{
    private const ulong NobodysRequest = 0; // an error that answers nothing ends the connection (ERR-3)

    private Principal? _principal;
    private volatile TopicRules? _rules; // null: everything is allowed
    private long _usersVersion;

    private UserDirectory Users => _environment.Authenticator.Users;

    private bool HasStaleAccess => _phase == Phase.Ready && Volatile.Read(ref _usersVersion) != Users.Version;

    /// <param name="principal">Who has logged in.</param>
    /// <param name="seenVersion">Version of the users before that was found out: what has changed since is looked at with the next frames.</param>
    private void BeginAccess(Principal principal, long seenVersion)
    {
        _principal = principal;
        Volatile.Write(ref _usersVersion, seenVersion);
        _rules = principal.Kind == PrincipalKind.Node ? TopicRules.Nothing : TopicRules.Of(Users.Find(principal.Name));
        _routes.EndPublishers(); // of the user that a certificate stood for
    }

    /// <summary>The users have changed: takes over what this one may do from now on.</summary>
    /// <returns>False when there is no such user any more; the connection is told so and must close.</returns>
    private async ValueTask<bool> RefreshAccessAsync()
    {
        // In this order: what changes meanwhile is looked at again.
        Volatile.Write(ref _usersVersion, Users.Version);
        if (_principal!.Kind == PrincipalKind.Node) return true;
        StoredUser? user = Users.Find(_principal.Name);
        if (user is null && _principal.Kind == PrincipalKind.Stored)
        {
            CloseWith(NobodysRequest, ErrorCode.Unauthenticated, $"User '{ChannelNames.ForLog(_principal.Name)}' was removed.");
            return false;
        }

        if (user is null || (user.Rules.Count == 0 && _rules is null)) return true;
        _rules = TopicRules.Of(user);
        _routes.EndPublishers();
        if (_rules is { } rules) await _session!.EndForbiddenAsync(this, rules);
        return true;
    }

    /// <summary>An idle connection learns of changes of the users, too. Called by the tick.</summary>
    private void WakeForAccess()
    {
        if (HasStaleAccess) _input.CancelPendingRead();
    }

    /// <summary>Says what is missing to do something with a topic; null when nothing is.</summary>
    private string? ExplainDenial(string topic, TopicOperations operation) =>
        _rules is not { } rules || rules.Allow(topic, operation) ? null : TextOfDenial(topic, operation);

    /// <summary>Refuses what the user may not do; true when it was refused.</summary>
    private bool Denies(ulong requestId, string topic, TopicOperations operation)
    {
        if (ExplainDenial(topic, operation) is not { } denial) return false;
        Refuse(requestId, ErrorCode.Unauthenticated, denial);
        return true;
    }

    private string TextOfDenial(string topic, TopicOperations operation) => _principal!.Kind == PrincipalKind.Node
        ? "A node replicates; it does nothing that clients do. Log in as a user."
        : $"User '{ChannelNames.ForLog(_principal.Name)}' lacks the permission '{NameOf(operation)}' on topic '{ChannelNames.ForLog(topic)}'. "
            + "Whoever administers the broker can give it to that user.";

    private static string NameOf(TopicOperations operation) => operation switch
    {
        TopicOperations.Publish => "publish",
        TopicOperations.Consume => "consume",
        _ => "manage",
    };

    /// <summary>The part of the topology that the user may do anything with.</summary>
    private TopologySnapshot Visible(TopologySnapshot snapshot) => _rules is not { } rules
        ? snapshot
        : new TopologySnapshot(
            snapshot.Generation,
            [.. snapshot.Queues.Where(route => rules.AllowAnyOn(route.Topic))],
            [.. snapshot.Streams.Where(route => rules.AllowAnyOn(route.Topic))]);
}
