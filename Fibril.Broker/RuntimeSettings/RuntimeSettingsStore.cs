using System.Text.Json;
using Fibril.Broker.Log;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>
/// The runtime settings: one document with a version, on the disk, in effect on the options that modules read. Startup configuration gives its
/// first version (K-2). Thread-safe.
/// </summary>
internal sealed class RuntimeSettingsStore
{
    /// <summary>Versions that are kept to go back to.</summary>
    public const int MostVersions = 20;

    private const string StartupActor = "startup configuration";

    private readonly RuntimeSettingsFile _file;
    private readonly RuntimeOptions _options;
    private readonly IReadOnlySet<string> _locks;
    private readonly Dictionary<string, bool> _lockTable;
    private readonly int _mostPartitions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private IReadOnlyList<RuntimeSettingsVersion> _versions; // under the gate; oldest first
    private RuntimeSettingsDocument _stored; // under the gate
    private RuntimeSettingsSnapshot _current;

    private RuntimeSettingsStore(
        RuntimeSettingsFile file, RuntimeOptions options, IReadOnlySet<string> locks, int mostPartitions, TimeProvider time, ILogger logger)
    {
        _file = file;
        _options = options;
        _locks = locks;
        _lockTable = RuntimeFields.Groups.ToDictionary(static group => group, locks.Contains);
        _mostPartitions = mostPartitions;
        _time = time;
        _logger = logger;
        _versions = file.Versions;
        Seed = RuntimeSettingsDocument.From(options);
        _stored = file.Issue is null && _versions.Count > 0 ? _versions[^1].Settings : Seed;
        _current = Effective(file.Issue?.Version ?? (_versions.Count > 0 ? _versions[^1].Version : 0), file.Issue);
    }

    /// <summary>Raised after a change is durable and on the options, by the thread that made it.</summary>
    public event Action<RuntimeSettingsSnapshot>? Changed;

    public RuntimeSettingsSnapshot Current => Volatile.Read(ref _current);

    /// <summary>What this start was configured with.</summary>
    public RuntimeSettingsDocument Seed { get; }

    /// <summary>The versions that are kept, newest first.</summary>
    public IReadOnlyList<RuntimeSettingsVersion> History
    {
        get
        {
            lock (_gate) return [.. _versions.Reverse()];
        }
    }

    /// <summary>Every field with what is allowed for it.</summary>
    public IReadOnlyList<RuntimeFieldSchema> Schema =>
        [.. RuntimeFields.All.Select(Describe)];

    /// <summary>
    /// Reads the settings of a data directory and puts them on <paramref name="options"/>, or stores what these hold when there are none.
    /// Blocks on the disk.
    /// </summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="dataDirectory">The data directory, which exists.</param>
    /// <param name="options">Hold the seed, and from here on the values in effect.</param>
    /// <param name="locks">Groups that stay at the seed (7.2).</param>
    /// <param name="mostPartitions">Most partitions that a queue may have.</param>
    /// <param name="time">Dates the versions.</param>
    /// <param name="logger">Hears of what cannot be read, and of changes.</param>
    /// <exception cref="IOException">The disk cannot be read or written.</exception>
    public static RuntimeSettingsStore Open(
        IStorageFileSystem files, string dataDirectory, RuntimeOptions options, IReadOnlySet<string> locks, int mostPartitions, TimeProvider time,
        ILogger logger)
    {
        var store = new RuntimeSettingsStore(RuntimeSettingsFile.Open(files, dataDirectory), options, locks, mostPartitions, time, logger);
        store.Start();
        return store;
    }

    /// <summary>Changes the fields that are sent. Blocks on the disk.</summary>
    /// <param name="expectedVersion">The version that the caller has seen.</param>
    /// <param name="settings">Groups with fields, all of them or some; those left out stay as they are, unknown ones are passed over.</param>
    /// <param name="actor">Who wants it, for the history.</param>
    /// <exception cref="IOException">It could not be made durable; nothing changed.</exception>
    public RuntimeSettingsUpdate TryUpdate(long expectedVersion, JsonElement settings, string actor)
    {
        var problems = new List<SettingProblem>();
        return Commit(expectedVersion, actor, current =>
        {
            RuntimeSettingsDocument wanted = RuntimeSettingsReader.Read(settings, current, problems);
            CheckPartitionCount(wanted, problems);
            if (problems.Count > 0) return Refuse(UpdateOutcome.Invalid, problems);
            problems.AddRange(wanted.DifferencesFrom(current).Select(static field => field.Group).Distinct().Where(_locks.Contains)
                .Select(static group => new SettingProblem(group, $"is locked by runtime_locks.{group} of the startup configuration")));
            return problems.Count > 0 ? Refuse(UpdateOutcome.Locked, problems) : new Proposal(wanted, null);
        });
    }

    /// <summary>Goes back to other settings; groups that are locked keep what is stored for them. Blocks on the disk.</summary>
    /// <param name="expectedVersion">The version that the caller has seen.</param>
    /// <param name="to">What to go back to.</param>
    /// <param name="actor">Who wants it, for the history.</param>
    /// <exception cref="IOException">It could not be made durable; nothing changed.</exception>
    public RuntimeSettingsUpdate TryReset(long expectedVersion, ResetTarget to, string actor) =>
        Commit(expectedVersion, actor, _ =>
        {
            if (Find(to) is not { } wanted) return Refuse(UpdateOutcome.UnknownVersion, []);
            var problems = new List<SettingProblem>();
            CheckPartitionCount(wanted, problems);
            return problems.Count > 0 ? Refuse(UpdateOutcome.Invalid, problems) : new Proposal(wanted, null);
        });

    private void Start()
    {
        if (_current is { Version: 0, LoadIssue: null }) Store(1, Seed, StartupActor);
        Current.Settings.ApplyTo(_options);
        if (Current.LoadIssue is { } issue)
        {
            _logger.SettingsUnreadable(issue.Version, issue.Message);
            return;
        }

        // Whoever wrote a seed expects something of it; what is built in was written by nobody.
        string passedOver = Join(Seed.DifferencesFrom(Current.Settings).Where(field => Seed[field] != field.Default));
        if (passedOver.Length > 0) _logger.SeedPassedOver(Current.Version, passedOver);
    }

    private RuntimeSettingsUpdate Commit(long expectedVersion, string actor, Func<RuntimeSettingsDocument, Proposal> propose)
    {
        RuntimeSettingsSnapshot after;
        IReadOnlyList<RuntimeField> changed;
        lock (_gate)
        {
            RuntimeSettingsSnapshot before = _current;
            Proposal proposal = before.Version == expectedVersion ? propose(before.Settings) : Refuse(UpdateOutcome.Conflict, []);
            if (proposal.Refusal is { } refusal) return new RuntimeSettingsUpdate(refusal.Outcome, before, [], refusal.Problems);
            Store(expectedVersion + 1, proposal.Wanted!.WithGroupsOf(_stored, _locks), actor);
            after = _current;
            after.Settings.ApplyTo(_options);
            changed = after.Settings.DifferencesFrom(before.Settings);
        }

        _logger.SettingsChanged(actor, after.Version, changed.Count == 0 ? "nothing" : Join(changed));
        Changed?.Invoke(after);
        return new RuntimeSettingsUpdate(UpdateOutcome.Updated, after, [.. changed.Select(static field => field.Path)], []);
    }

    private void Store(long version, RuntimeSettingsDocument document, string actor)
    {
        var entry = new RuntimeSettingsVersion(version, _time.GetUtcNow().ToUnixTimeMilliseconds(), actor, document);
        RuntimeSettingsVersion[] versions = [.. _versions.Append(entry).TakeLast(MostVersions)];
        _file.Save(versions);
        _versions = versions;
        _stored = document;
        Volatile.Write(ref _current, Effective(version, issue: null));
    }

    private RuntimeSettingsSnapshot Effective(long version, LoadIssue? issue) => new(version, _stored.WithGroupsOf(Seed, _locks), _lockTable, issue);

    private RuntimeSettingsDocument? Find(ResetTarget target) =>
        target switch
        {
            ResetTarget.ToSeed => Seed,
            ResetTarget.ToDefaults => RuntimeSettingsDocument.Defaults,
            ResetTarget.ToVersion { Number: var number } => _versions.FirstOrDefault(version => version.Version == number)?.Settings,
            _ => throw new ArgumentOutOfRangeException(nameof(target)),
        };

    private void CheckPartitionCount(RuntimeSettingsDocument wanted, List<SettingProblem> problems)
    {
        RuntimeField field = RuntimeFields.DefaultPartitionCount;
        if (wanted[field] > _mostPartitions)
            problems.Add(new SettingProblem(field.Path, $"is {wanted[field]}, and broker.max_partition_count allows {_mostPartitions}"));
    }

    private RuntimeFieldSchema Describe(RuntimeField field)
    {
        long max = field == RuntimeFields.DefaultPartitionCount ? Math.Min(field.Max, _mostPartitions) : field.Max;
        return RuntimeFieldSchema.Of(field, Seed[field], max, _locks.Contains(field.Group));
    }

    private static string Join(IEnumerable<RuntimeField> fields) => string.Join(", ", fields);

    private static Proposal Refuse(UpdateOutcome outcome, IReadOnlyList<SettingProblem> problems) => new(null, new Refusal(outcome, problems));

    /// <summary>What an update wants, or why it cannot be had.</summary>
    private sealed record Proposal(RuntimeSettingsDocument? Wanted, Refusal? Refusal);

    private sealed record Refusal(UpdateOutcome Outcome, IReadOnlyList<SettingProblem> Problems);
}
