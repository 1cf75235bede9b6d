using System.Globalization;
using System.Text.Json;
using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Login;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.RuntimeSettings;
using Fibril.Broker.Security.Tls;

namespace Fibril.Broker.Admin.Routes;

/// <summary>What the broker runs with: settings that change while it runs, and those that do not (admin-api 13, 17).</summary>
internal sealed class SettingsRoutes(
    RuntimeSettingsStore settings, StartupConfiguration startup, TlsStatus tls, AdminLogins logins, AuditTrail audit) : IApiModule
{
    // Names that tools of before the list of settings read; each is the last part of a key that has the number.
    private static readonly Dictionary<string, string> OldNames = new()
    {
        ["keratin_fsync_interval_ms"] = "storage.keratin.fsync_interval_ms",
        ["keratin_min_fsync_interval_ms"] = "storage.keratin.min_fsync_interval_ms",
        ["keratin_segment_preallocate_bytes"] = "storage.keratin.segment_preallocate_bytes",
        ["keratin_max_inflight_fsyncs"] = "storage.keratin.max_inflight_fsyncs",
        ["keratin_pipeline_commit_records"] = "storage.keratin.pipeline_commit_records",
        ["keratin_message_log_segment_max_bytes"] = "storage.keratin.message_log.segment_max_bytes",
        ["keratin_event_log_segment_max_bytes"] = "storage.keratin.event_log.segment_max_bytes",
        ["coordination_heartbeat_interval_ms"] = "coordination.ganglion.heartbeat_interval_ms",
        ["coordination_liveness_ttl_ms"] = "coordination.ganglion.liveness_ttl_ms",
    };

    public void Map(ApiRoutes routes)
    {
        const string Path = "/admin/api/runtime-settings";
        ApiErrorCode[] refusals = [ApiErrorCodes.InvalidRuntimeSettings, ApiErrorCodes.SettingLocked, ApiErrorCodes.StorageFailed];
        routes.Get(Path, "Settings that change while the broker runs, with their version.", Show);
        routes.Put<UpdateSettingsBody, object>(Path, Access.Administer, "Changes the settings that are sent, and no others; answers 409 with the present ones when they have changed.", UpdateAsync)
            .Changes<RuntimeSettingsSnapshot>().May(refusals);
        routes.Patch<UpdateSettingsBody, object>(Path, Access.Administer, "The same as PUT.", UpdateAsync).Changes<RuntimeSettingsSnapshot>().May(refusals);
        routes.Get(Path + "/schema", "Every setting with its default, unit, range, and when a change has effect.", _ => new SettingsSchemaView(settings.Schema));
        routes.Get(Path + "/history", "The versions that are kept, the newest first, and who made them.", _ => new SettingsHistoryView(settings.History));
        routes.Post<ResetSettingsBody, object>(Path + "/reset", Access.Administer, "Goes back to the startup seed, to what is built in, or to an earlier version.", ResetAsync)
            .Changes<RuntimeSettingsSnapshot>().May([.. refusals, ApiErrorCodes.UnknownSettingsVersion]);
        routes.Get("/admin/api/startup-config", "What the broker was started with, and where each value comes from; without secrets.", _ => DescribeStartup());
        routes.Get("/admin/api/tls", "The served certificate; null when TLS is off.", _ => tls.Describe()).OrNull();
        routes.Post("/admin/api/tls/reload", Access.Administer, "Reads certificate, key and client CAs again, and serves them to new connections.", ReloadTlsAsync)
            .May(ApiErrorCodes.TlsReloadRejected, ApiErrorCodes.TlsReloadUnavailable);
    }

    private RuntimeSettingsSnapshot Show(ApiRequest request)
    {
        RuntimeSettingsSnapshot current = settings.Current;
        request.Context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{current.Version}\"");
        return current;
    }

    private Task<object> UpdateAsync(ApiRequest request, UpdateSettingsBody body)
    {
        RuntimeSettingsSnapshot before = settings.Current;
        return AnswerAsync(request, before, settings.TryUpdate(body.ExpectedVersion, body.Settings, request.Caller.Name), "runtime_settings_changed");
    }

    private Task<object> ResetAsync(ApiRequest request, ResetSettingsBody body)
    {
        if (body.To == ResetTo.Version && body.Version is null)
            throw new ApiException(ApiErrorCodes.InvalidBody, "The field version is missing; name the version to go back to.", new FieldProblem("version", "is missing"));
        RuntimeSettingsSnapshot before = settings.Current;
        ResetTarget target = body.To switch
        {
            ResetTo.Seed => ResetTarget.Seed,
            ResetTo.Defaults => ResetTarget.Defaults,
            _ => ResetTarget.Version(body.Version!.Value),
        };
        return AnswerAsync(request, before, settings.TryReset(body.ExpectedVersion, target, request.Caller.Name), "runtime_settings_reset");
    }

    private Task<object> AnswerAsync(ApiRequest request, RuntimeSettingsSnapshot before, RuntimeSettingsUpdate update, string kind)
    {
        FieldProblem[] problems = [.. update.Problems.Select(static problem => new FieldProblem(problem.Field, problem.Problem))];
        string text = string.Join("; ", update.Problems);
        switch (update.Outcome)
        {
            case UpdateOutcome.Conflict:
                return Task.FromResult<object>(new ApiAnswer(StatusCodes.Status409Conflict, update.Current));
            case UpdateOutcome.Locked:
                throw new ApiException(ApiErrorCodes.SettingLocked, $"The startup configuration locks what is to be changed: {text}. Nothing was changed.", problems);
            case UpdateOutcome.Invalid:
                throw new ApiException(ApiErrorCodes.InvalidRuntimeSettings, $"Nothing was changed: {text}.", problems);
            case UpdateOutcome.UnknownVersion:
                throw new ApiException(ApiErrorCodes.UnknownSettingsVersion, $"That version is not kept; GET /admin/api/runtime-settings/history lists those that are.");
            default:
                audit.Record(
                    request, kind, $"runtime settings v{update.Current.Version}", update.Changed.Count == 0 ? "No value is other than before." : $"Changed: {string.Join(", ", update.Changed)}.",
                    AuditSeverity.Warning, before: Pick(before, update.Changed), after: Pick(update.Current, update.Changed));
                return Task.FromResult<object>(update.Current);
        }
    }

    /// <summary>The values of some fields, for the record.</summary>
    private static Dictionary<string, JsonElement> Pick(RuntimeSettingsSnapshot snapshot, IReadOnlyList<string> fields)
    {
        JsonElement all = JsonSerializer.SerializeToElement(snapshot.Settings, ApiJson.Options);
        return fields.ToDictionary(static field => field, field => field.Split('.').Aggregate(all, static (node, name) => node.GetProperty(name)));
    }

    private StartupConfigView DescribeStartup()
    {
        var numbers = new Dictionary<string, object>();
        Dictionary<string, StartupSetting> byKey = startup.Settings.ToDictionary(static setting => setting.Key);
        foreach ((string name, string key) in OldNames)
        {
            if (byKey.TryGetValue(key, out StartupSetting? setting) && long.TryParse(setting.Value, CultureInfo.InvariantCulture, out long number)) numbers[name] = number;
        }

        return new StartupConfigView(
            startup.DataDirectory, tls.Text, startup.BrokerBind, startup.AdminBind, logins.IsRequired,
            [.. startup.Settings.Select(static setting => new StartupSettingView(setting.Key, setting.Value, setting.Source, setting.IsSecret, setting.Description))])
        {
            Numbers = numbers,
        };
    }

    private Task<TlsReloadedView> ReloadTlsAsync(ApiRequest request)
    {
        TlsView? before = tls.Describe();
        ReloadOutcome outcome = tls.Reload();
        if (outcome.Problem is { } problem) throw new ApiException(ApiErrorCodes.TlsReloadRejected, $"{problem.TrimEnd('.')}. The old certificate keeps serving.");
        TlsView after = tls.Describe()!;
        audit.Record(request, "tls_reloaded", after.Subject, $"Serving {after.Fingerprint} now.", AuditSeverity.Warning, before: before, after: after);
        return Task.FromResult(new TlsReloadedView(true, after.Fingerprint, after.NotAfterUnix));
    }
}
