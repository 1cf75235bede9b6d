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
        UserView? before = Describe(name);
        await ApplyAsync(request, name, body.Password, body.Role, body.Permissions);
        audit.Record(
            request, before is null ? "user_added" : "user_changed", name, before is null ? "New user." : "Another password.", AuditSeverity.Warning, before: before, after: Describe(name));
        return new ChangedUserView("ok", name);
    }

    private async Task<UserView> ChangeAsync(ApiRequest request, ChangeUserBody body)
    {
        string name = request.Path("username").Trim();
        UserView before = Describe(name) ?? throw Unknown(name);
        await ApplyAsync(request, name, body.Password, body.Role, body.Permissions);
        UserView after = Describe(name) ?? throw Unknown(name);
        string[] changed = [.. new[] { body.Password is null ? null : "password", body.Role is null ? null : "role", body.Permissions is null ? null : "permissions" }.OfType<string>()];
        audit.Record(request, "user_changed", name, $"Changed: {(changed.Length == 0 ? "nothing" : string.Join(", ", changed))}.", AuditSeverity.Warning, before: before, after: after);
        return after;
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

    private async Task ApplyAsync(ApiRequest request, string name, string? password, UserRole? role, IReadOnlyList<PermissionView>? permissions)
    {
        TopicRule[]? rules = permissions is null ? null : [.. permissions.Select(static permission => permission.ToRule())];
        if (rules?.Select(TopicRule.Explain).FirstOrDefault(static fault => fault is not null) is { } fault)
            throw new ApiException(ApiErrorCodes.InvalidUser, fault, new FieldProblem("permissions", fault));
        try
        {
            if (password is not null)
            {
                await users.SetPasswordAsync(name, password, request.Aborted);
                sessions.EndAllOf(name);
            }

            if (role is { } given && !await users.SetRoleAsync(name, given)) throw Unknown(name);
            if (rules is not null && !await users.SetRulesAsync(name, rules)) throw Unknown(name);
        }
        catch (ArgumentException refused)
        {
            string text = WithoutParameter(refused);
            throw new ApiException(ApiErrorCodes.InvalidUser, text, new FieldProblem(refused.ParamName == "password" ? "password" : "username", text));
        }
    }

    private UserView? Describe(string name) => users.Find(name) is { } user ? UserView.Of(user) : null;

    private static ApiException Unknown(string name) => new(ApiErrorCodes.UnknownUser, $"There is no user '{Sessions.ChannelNames.ForLog(name)}'.");

    private static string WithoutParameter(ArgumentException fault) =>
        fault.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is var at and >= 0 ? fault.Message[..at] : fault.Message;
}
