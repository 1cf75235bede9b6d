using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Login;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Stored users: who there is, and what each may do (admin-api 16).</summary>
internal sealed class UserRoutes(UserDirectory users, AdminSessions sessions, AuditTrail audit) : IApiModule
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/users", "Stored users, by name.", _ => List(), Access.Administer);
        routes.Post<SetUserBody, ChangedUserView>("/admin/api/users", Access.Administer, "Adds a user, or gives one another password.", SetAsync)
            .May(ApiErrorCodes.InvalidUser, ApiErrorCodes.StorageFailed);
        routes.Patch<ChangeUserBody, UserView>("/admin/api/users/{username}", Access.Administer, "Changes password, role or permissions of a user.", ChangeAsync)
            .May(ApiErrorCodes.InvalidUser, ApiErrorCodes.UnknownUser, ApiErrorCodes.StorageFailed);
        routes.Delete("/admin/api/users/{username}", Access.Administer, "Removes a user.", RemoveAsync).May(ApiErrorCodes.UnknownUser, ApiErrorCodes.StorageFailed);
    }

    private IReadOnlyList<UserView> List() => [.. users.List().Select(UserView.Of)];

    private async Task<ChangedUserView> SetAsync(ApiRequest request, SetUserBody body)
    {
        string name = body.Username.Trim();
        await ApplyAsync(request, name, mustExist: false, body.Password, body.Role, body.Permissions);
        return new ChangedUserView("ok", name);
    }

    private async Task<UserView> ChangeAsync(ApiRequest request, ChangeUserBody body)
    {
        string name = request.Path("username").Trim();
        return UserView.Of(await ApplyAsync(request, name, mustExist: true, body.Password, body.Role, body.Permissions));
    }

    private async Task<ChangedUserView> RemoveAsync(ApiRequest request)
    {
        string name = request.Path("username").Trim();
        UserView? before = Describe(name);
        if (!await users.RemoveAsync(name)) throw Unknown(name);
        sessions.EndAllOf(name);
        audit.Record(request, "user_removed", name, "Nobody can log in as this user any more.", AuditSeverity.Warning, before: before);
        return new ChangedUserView("removed", name);
    }

    private async Task<StoredUser> ApplyAsync(
        ApiRequest request, string name, bool mustExist, string? password, UserRole? role, IReadOnlyList<PermissionView>? permissions)
    {
        TopicRule[]? rules = permissions is null ? null : [.. permissions.Select(static permission => permission.ToRule())];
        UserChange change;
        try
        {
            change = await users.ApplyAsync(name, mustExist, password, role, rules, request.Aborted) ?? throw Unknown(name);
        }
        catch (ArgumentException refused)
        {
            string text = WithoutParameter(refused);
            throw new ApiException(ApiErrorCodes.InvalidUser, text, new FieldProblem(FieldOf(refused.ParamName), text));
        }

        if (change.IsPasswordChanged) sessions.EndAllOf(name);
        if (!change.IsNone) Record(request, change);
        return change.After;
    }

    private void Record(ApiRequest request, UserChange change)
    {
        string[] changed = [.. new[]
        {
            change.IsPasswordChanged ? "password" : null,
            change.IsRoleChanged ? "role" : null,
            change.AreRulesChanged ? "permissions" : null,
        }.OfType<string>()];
        string text = change.Before is null ? "New user." : $"Changed: {string.Join(", ", changed)}.";
        audit.Record(
            request, change.Before is null ? "user_added" : "user_changed", change.After.Name, text, AuditSeverity.Warning,
            before: change.Before is { } before ? UserView.Of(before) : null, after: UserView.Of(change.After));
    }

    private static string FieldOf(string? parameter) => parameter switch
    {
        "password" => "password",
        "rules" => "permissions",
        _ => "username",
    };

    private UserView? Describe(string name) => users.Find(name) is { } user ? UserView.Of(user) : null;

    private static ApiException Unknown(string name) => new(ApiErrorCodes.UnknownUser, $"There is no user '{Sessions.ChannelNames.ForLog(name)}'.");

    private static string WithoutParameter(ArgumentException fault) =>
        fault.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is var at and >= 0 ? fault.Message[..at] : fault.Message;
}
