namespace Fibril.Broker.RuntimeSettings;

/// <summary>Every field of the runtime settings, group by group. Ranges are those in the docs of the options classes.</summary>
internal static partial class RuntimeFields
{
    public const string Delivery = "delivery";
    public const string IdleQueueCleanup = "idle_queue_cleanup";
    public const string Connection = "connection";
    public const string Replication = "replication";
    public const string Partitioning = "partitioning";
    public const string ConsumerGroups = "consumer_groups";
    public const string Stream = "stream";

    private static readonly RuntimeOptions BuiltIn = RuntimeOptions.BuiltIn();

    /// <summary>The groups, in the order of the document.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        [Delivery, IdleQueueCleanup, Connection, Replication, Partitioning, ConsumerGroups, Stream];

    public static IReadOnlyList<RuntimeField> All { get; } =
    [
        .. DeliveryFields(), .. IdleQueueFields(), .. ConnectionFields(), .. ReplicationFields(), .. PartitioningFields(), .. ConsumerGroupFields(),
        .. StreamFields(),
    ];

    private static readonly Dictionary<string, RuntimeField> ByPath = All.ToDictionary(static field => field.Path);

    public static RuntimeField DefaultPartitionCount { get; } = Get(Partitioning, "default_partition_count");

    /// <summary>Finds a field by group and name, which must exist.</summary>
    public static RuntimeField Get(string group, string name) => ByPath[$"{group}.{name}"];

    public static IEnumerable<RuntimeField> Of(string group) => All.Where(field => field.Group == group);

    private static RuntimeField Make(
        string group, string name, FieldUnit unit, long min, long max, Func<RuntimeOptions, long> read, Action<RuntimeOptions, long> write,
        string description, FieldApplies applies, long? nullMeans) =>
        new()
        {
            Group = group,
            Name = name,
            Unit = unit,
            Min = min,
            Max = max,
            Read = read,
            Write = write,
            Description = description,
            Applies = applies,
            NullMeans = nullMeans,
            Default = read(BuiltIn),
        };

    private static RuntimeField Boolean(
        string group, string name, Func<RuntimeOptions, bool> read, Action<RuntimeOptions, bool> write, string description) =>
        Make(
            group, name, FieldUnit.Boolean, 0, 1, options => read(options) ? 1 : 0, (options, value) => write(options, value != 0), description,
            FieldApplies.Live, nullMeans: null);

    private static RuntimeField Count(
        string group, string name, int min, int max, Func<RuntimeOptions, int> read, Action<RuntimeOptions, int> write, string description,
        FieldApplies applies = FieldApplies.Live, long? nullMeans = null) =>
        Make(group, name, FieldUnit.Count, min, max, options => read(options), (options, value) => write(options, (int)value), description, applies, nullMeans);

    private static RuntimeField Bytes(
        string group, string name, long min, long max, Func<RuntimeOptions, long> read, Action<RuntimeOptions, long> write, string description) =>
        Make(group, name, FieldUnit.Bytes, min, max, read, write, description, FieldApplies.Live, nullMeans: null);

    private static RuntimeField Duration(
        string group, string name, TimeSpan min, TimeSpan max, Func<RuntimeOptions, TimeSpan> read, Action<RuntimeOptions, TimeSpan> write,
        string description, FieldApplies applies = FieldApplies.Live, TimeSpan? nullMeans = null) =>
        Make(
            group, name, FieldUnit.Milliseconds, Milliseconds(min), Milliseconds(max), options => Milliseconds(read(options)),
            (options, value) => write(options, TimeSpan.FromMilliseconds(value)), description, applies,
            nullMeans is { } none ? Milliseconds(none) : null);

    private static RuntimeField Microseconds(
        string group, string name, TimeSpan min, TimeSpan max, Func<RuntimeOptions, TimeSpan> read, Action<RuntimeOptions, TimeSpan> write,
        string description) =>
        Make(
            group, name, FieldUnit.Microseconds, (long)min.TotalMicroseconds, (long)max.TotalMicroseconds,
            options => (long)read(options).TotalMicroseconds, (options, value) => write(options, TimeSpan.FromMicroseconds(value)), description,
            FieldApplies.Live, nullMeans: null);

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private static TimeSpan OneMillisecond => TimeSpan.FromMilliseconds(1);

    private static TimeSpan OneHour => TimeSpan.FromHours(1);
}
