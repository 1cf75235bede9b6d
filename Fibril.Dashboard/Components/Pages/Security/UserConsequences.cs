using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Security;

/// <summary>What really happens when an account is changed (U-23): at the broker listener, and at these pages.</summary>
public static class UserConsequences
{
    /// <param name="user">Who is removed.</param>
    /// <param name="connections">Of this user, open now.</param>
    /// <param name="isLast">True when no user is left.</param>
    public static string OfRemoval(UserRow user, int connections, bool isLast) =>
        (connections > 0 ? $"{Show.Plural(connections, "open connection")} of this user {(connections == 1 ? "is" : "are")} closed within about a second, and unsettled messages go back to their queues, after the reconnect grace at the latest. " : "Nobody is connected as this user. ")
        + (user.Role == Role.None ? "" : $"Browser sessions of this {Name(user.Role)} end. ")
        + "Nobody can log in as this user any more."
        + (isLast && user.Username == "fibril" ? " Programs on this machine can then log in with the built-in password again." : "");

    /// <param name="user">Who gets another password.</param>
    /// <param name="connections">Of this user, open now.</param>
    public static string OfPassword(UserRow user, int connections) =>
        (connections > 0 ? $"{Show.Plural(connections, "open connection")} of this user {(connections == 1 ? "goes" : "go")} on, and {(connections == 1 ? "needs" : "need")} the new password to connect again. " : "The next login needs the new password. ")
        + (user.Role == Role.None ? "" : "Browser sessions of this user end at once.");

    public static string Name(Role role) => role.ToString().ToLowerInvariant();
}
