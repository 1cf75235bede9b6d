using System.Reflection;

namespace Fibril.Broker.Admin.Http;

/// <summary>Every code that the admin API can answer with. Names are for ever: scripts compare them.</summary>
internal static class ApiErrorCodes
{
    // Of the request as such.
    public static readonly ApiErrorCode InvalidRequest = new("invalid_request", 400, "The body is no JSON, or the request line or a header is malformed.", "Correct what the message names.");
    public static readonly ApiErrorCode InvalidArgument = new("invalid_argument", 400, "A query parameter is unknown, missing, given twice, or has a value that is not allowed.", "Correct the parameter that details name.");
    public static readonly ApiErrorCode InvalidBody = new("invalid_body", 422, "The body is JSON, and a field is missing, unknown, or of the wrong type.", "Correct the field that details name.");
    public static readonly ApiErrorCode Unauthorized = new("unauthorized", 401, "The request carries no login that is valid.", "Send name and password by HTTP Basic, or log in.");
    public static readonly ApiErrorCode Forbidden = new("forbidden", 403, "The login is good, and its role is not enough for this.", "Use another login, or have an administrator raise the role.");
    public static readonly ApiErrorCode CrossSiteRequest = new("cross_site_request", 403, "A page of another web site made the browser send this.", "Use the dashboard, fibrilctl, or a script.");
    public static readonly ApiErrorCode CsrfTokenMissing = new("csrf_token_missing", 403, "A change was sent with a browser's session and without its token.", "Send the token of GET /admin/api/session in X-CSRF-Token, or use HTTP Basic.");
    public static readonly ApiErrorCode HostNotAllowed = new("host_not_allowed", 421, "The listener is bound to loopback, and the request names another host.", "Use localhost or an address, or add the name to admin.listener.advertise.");
    public static readonly ApiErrorCode TooManyLogins = new("too_many_logins", 429, "Too many wrong passwords came from one address.", "Wait as long as Retry-After says.");
    public static readonly ApiErrorCode NotFound = new("not_found", 404, "There is no such path, or no such thing at it.", "Correct the path; GET /admin/api lists what there is.");
    public static readonly ApiErrorCode MethodNotAllowed = new("method_not_allowed", 405, "The path exists and does not answer this method.", "Use a method that the header Allow names.");
    public static readonly ApiErrorCode PayloadTooLarge = new("payload_too_large", 413, "The body is larger than 2 MiB.", "Send less at a time.");
    public static readonly ApiErrorCode UnsupportedMediaType = new("unsupported_media_type", 415, "The body is not declared to be JSON.", "Send Content-Type: application/json.");
    public static readonly ApiErrorCode InternalError = new("internal_error", 500, "The broker met a fault that it does not know.", "Look for the trace id in the broker's log, and report it.");
    public static readonly ApiErrorCode PartitionUnavailable = new("partition_unavailable", 503, "The partition is quarantined, is being repaired, or waits for its disk.", "GET /admin/api/quarantine says which are damaged; explain says what to do.");
    public static readonly ApiErrorCode StorageFailed = new("storage_failed", 503, "The disk has failed, or is full. Nothing was changed, unless the message says that the outcome is unknown.", "Make room or mend the disk; the log has the cause.");

    // Of channels.
    public static readonly ApiErrorCode InvalidTopic = new("invalid_topic", 400, "The topic is blank or not a legal name.", "Use 1 to 128 of a-z, 0-9, '.', '_' and '-', without dots at the ends or next to each other.");
    public static readonly ApiErrorCode InvalidQueue = new("invalid_queue", 400, "A queue cannot be declared like this.", "Correct what the message names.");
    public static readonly ApiErrorCode InvalidDurability = new("invalid_durability", 400, "There is no such tier of streams.", "Use ephemeral, speculative or durable.");
    public static readonly ApiErrorCode UnknownQueue = new("unknown_queue", 404, "There is no queue of this name.", "GET /admin/api/queues/list lists those that there are.");
    public static readonly ApiErrorCode UnknownStream = new("unknown_stream", 404, "There is no stream of this name.", "GET /admin/api/streams/list lists those that there are.");
    public static readonly ApiErrorCode UnknownPartition = new("unknown_partition", 404, "The channel has fewer partitions.", "Partitions are numbered from 0.");
    public static readonly ApiErrorCode ChannelKindConflict = new("channel_kind_conflict", 409, "The topic is a queue, and a stream was asked for, or the other way round.", "Use another topic, or delete the channel first.");
    public static readonly ApiErrorCode DeclareConflict = new("declare_conflict", 409, "The stream exists with another tier, which does not change.", "Declare it as it is, or delete it first.");
    public static readonly ApiErrorCode QueueHasInflight = new("queue_has_inflight", 409, "A consumer holds messages of the queue.", "Stop its consumers, or wait until the leases have ended.");
    public static readonly ApiErrorCode ConfirmationMismatch = new("confirmation_mismatch", 409, "The request names another topic in confirm_topic than in topic.", "Write the topic that is meant in both.");

    // Of messages and dead letters.
    public static readonly ApiErrorCode InvalidMessageStatusFilter = new("invalid_message_status_filter", 400, "There is no such state of a message.", "Use ready, inflight, delayed, pending_dlq or settled.");
    public static readonly ApiErrorCode InvalidMessageInspectionRequest = new("invalid_message_inspection_request", 400, "The name is not legal.", "Correct the topic or the group.");
    public static readonly ApiErrorCode InvalidMessageSearch = new("invalid_message_search", 400, "The search makes no sense as it is asked for.", "Correct the parameter that details name.");
    public static readonly ApiErrorCode UnknownMessage = new("unknown_message", 404, "No message has this offset yet.", "Look at a smaller offset.");
    public static readonly ApiErrorCode InvalidOffsets = new("invalid_offsets", 400, "No offset is named, or more than 100.", "Name 1 to 100.");
    public static readonly ApiErrorCode InvalidGlobalDlq = new("invalid_global_dlq", 400, "The global dead-letter target is not a legal name, or is a stream.", "Name a queue.");
    public static readonly ApiErrorCode InvalidQueueDlq = new("invalid_queue_dlq", 400, "The policy cannot be set like this.", "Correct what the message names.");
    public static readonly ApiErrorCode MissingQueueDlqTarget = new("missing_queue_dlq_target", 400, "The policy is custom, and no target is named.", "Add target with a topic.");
    public static readonly ApiErrorCode InvalidQueueDlqTarget = new("invalid_queue_dlq_target", 400, "The target of the policy is not a legal name, or is the queue itself.", "Name another queue.");
    public static readonly ApiErrorCode InvalidDlqReplayRequest = new("invalid_dlq_replay_request", 400, "The replay makes no sense as it is asked for.", "Correct what the message names.");
    public static readonly ApiErrorCode MissingDlqReplayOffsets = new("missing_dlq_replay_offsets", 400, "No offset is named.", "Name 1 to 100, or use /admin/api/dlq/replay/bulk with a filter.");
    public static readonly ApiErrorCode TooManyDlqReplayOffsets = new("too_many_dlq_replay_offsets", 400, "More than 100 offsets are named.", "Name at most 100, or use /admin/api/dlq/replay/bulk with a filter.");
    public static readonly ApiErrorCode TooManyReplays = new("too_many_replays", 409, "As many replays are running as may.", "Wait for one to end, or cancel one.");
    public static readonly ApiErrorCode UnknownReplay = new("unknown_replay", 404, "There is no such replay, or it ended long ago.", "GET /admin/api/dlq/replay/jobs lists those that are known.");
    public static readonly ApiErrorCode ReplayNotUndoable = new("replay_not_undoable", 409, "The replay has moved or deleted its dead letters, is still running, or has no copies left that it knows of.", "The message says which; of moved ones, move the messages back.");
    public static readonly ApiErrorCode TopicRequired = new("topic_required", 400, "No topic is named.", "Add topic.");
    public static readonly ApiErrorCode PublishFailed = new("publish_failed", 422, "The test message was not confirmed.", "The message says why.");
    public static readonly ApiErrorCode RepairFailed = new("repair_failed", 400, "The partition is not quarantined, or its damage cannot be repaired.", "GET /admin/api/quarantine lists what can.");

    // Of cluster routes on a broker that stands alone.
    public static readonly ApiErrorCode CoordinationMembershipUnavailable = new("coordination_membership_unavailable", 404, "The broker stands alone: it has no voters.", "Start brokers with coordination.mode = \"ganglion\".");
    public static readonly ApiErrorCode InvalidCoordinationMemberAddr = new("invalid_coordination_member_addr", 400, "The address of the member is no host:port.", "Write host:port.");
    public static readonly ApiErrorCode RepartitionUnavailable = new("repartition_unavailable", 404, "The broker stands alone: it grows a queue when it is declared with more partitions.", "POST /admin/api/queues with a larger partition_count.");
    public static readonly ApiErrorCode InvalidPartitionCount = new("invalid_partition_count", 400, "A channel has 1 partition or more.", "Use 1 or more.");

    // Of settings.
    public static readonly ApiErrorCode InvalidRuntimeSettings = new("invalid_runtime_settings", 400, "A setting is out of range or of the wrong type.", "Correct the setting that details name; GET /admin/api/runtime-settings/schema has the ranges.");
    public static readonly ApiErrorCode SettingLocked = new("setting_locked", 423, "The startup configuration locks this group of settings.", "Change it there and restart, or remove the lock.");
    public static readonly ApiErrorCode UnknownSettingsVersion = new("unknown_settings_version", 404, "The version is not in the history.", "GET /admin/api/runtime-settings/history lists those that are.");

    // Of users and certificates.
    public static readonly ApiErrorCode InvalidUser = new("invalid_user", 400, "The name, the password, the role or a permission of the user is not allowed.", "Correct what the message names.");
    public static readonly ApiErrorCode UnknownUser = new("unknown_user", 404, "There is no user of this name.", "GET /admin/api/users lists those that there are.");
    public static readonly ApiErrorCode TlsReloadRejected = new("tls_reload_rejected", 400, "The new certificate or key cannot be used; the old one keeps serving.", "Correct the files that the message names.");
    public static readonly ApiErrorCode TlsReloadUnavailable = new("tls_reload_unavailable", 404, "TLS is off.", "Switch it on with tls.enabled and restart.");

    // Of live events and connections.
    public static readonly ApiErrorCode InvalidFamilies = new("invalid_families", 400, "A family of events is unknown, or none is named.", "Name one or more that the message lists.");
    public static readonly ApiErrorCode TooManyEventStreams = new("too_many_event_streams", 429, "As many streams of events are open as may.", "Close one: one stream carries any set of families.");
    public static readonly ApiErrorCode UnknownConnection = new("unknown_connection", 404, "There is no such connection; it may have ended.", "GET /admin/api/connections lists those that there are.");

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<ApiErrorCode> All { get; } =
    [
        .. typeof(ApiErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.FieldType == typeof(ApiErrorCode))
            .Select(static field => (ApiErrorCode)field.GetValue(null)!).OrderBy(static code => code.Name, StringComparer.Ordinal),
    ];
}
