using Fibril.Broker.RuntimeSettings;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>What runtime settings start with: one setting for each of their fields, with the same range (K-7).</summary>
internal static class SeedSettings
{
    private static readonly Dictionary<string, (string Variable, string? Flag)> Names = new()
    {
        ["idle_queue_cleanup.evict_after_ms"] = ("FIBRIL_QUEUE_IDLE_EVICT_AFTER_MS", "--queue-idle-evict-after-ms"),
        ["idle_queue_cleanup.sweep_interval_ms"] = ("FIBRIL_QUEUE_IDLE_SWEEP_INTERVAL_MS", "--queue-idle-sweep-interval-ms"),
        ["idle_queue_cleanup.publisher_idle_timeout_ms"] = ("FIBRIL_PUBLISHER_CACHE_IDLE_TIMEOUT_MS", "--publisher-idle-timeout-ms"),
        ["connection.reconnect_grace_ms"] = ("FIBRIL_RECONNECT_GRACE_MS", "--reconnect-grace-ms"),
        ["connection.resume_session_restart_ttl_ms"] = ("FIBRIL_RESUME_SESSION_RESTART_TTL_MS", "--resume-session-restart-ttl-ms"),
        ["replication.stream_enabled"] = ("FIBRIL_REPLICATION_STREAM_ENABLED", null),
    };

    public static IEnumerable<SettingDefinition> All => RuntimeFields.All.Select(Make);

    private static SettingDefinition Make(RuntimeField field)
    {
        string key = "runtime_seed." + field.Path;
        (string? variable, string? flag) = Names.GetValueOrDefault(field.Path);
        return field.Unit == FieldUnit.Boolean
            ? new ScalarSetting<bool>(
                key, Kind.Boolean, field.Description,
                options => field.Read(options.Runtime) != 0, (options, value) => field.Write(options.Runtime, value ? 1 : 0), variable, flag)
            : new ScalarSetting<long>(
                key, Kind.Number(field.Min, field.Max, UnitsOf(field.Unit)), field.Description,
                options => field.Read(options.Runtime), (options, value) => field.Write(options.Runtime, value), variable, flag);
    }

    private static NumberUnits? UnitsOf(FieldUnit unit) =>
        unit switch
        {
            FieldUnit.Milliseconds => NumberUnits.Milliseconds,
            FieldUnit.Microseconds => NumberUnits.Microseconds,
            FieldUnit.Bytes => NumberUnits.Bytes,
            _ => null,
        };
}
