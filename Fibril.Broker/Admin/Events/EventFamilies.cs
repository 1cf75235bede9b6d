using System.Text.Json;
using Fibril.Broker.Admin.Attention;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Routes;
using Fibril.Broker.Statistics.History;

namespace Fibril.Broker.Admin.Events;

/// <summary>What live events can carry: each family is what its route answers. Snapshots are shared by those who listen at the same time. Thread-safe.</summary>
internal sealed class EventFamilies
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private const string History = "history";

    private static readonly byte[] Nothing = "null"u8.ToArray();

    private readonly Family[] _families;
    private readonly Family _historyOfBroker;
    private readonly TimeProvider _time;

    public EventFamilies(
        OverviewRoutes overview, AttentionWatch attention, QueueListRoutes queues, StreamRoutes streams, ConnectionRoutes connections, DeadLetterRoutes deadLetters,
        ClusterRoutes cluster, QuarantineRoutes quarantine, TimeProvider time)
    {
        _time = time;
        _families =
        [
            new("overview", _ => Task.FromResult<object?>(overview.Overview())),
            new(History, _ => Task.FromResult<object?>(overview.History(new HistoryQuery()))),
            new("attention", async request => await attention.LookAsync(request.Aborted)),
            new("queues_debug", async request => await queues.DebugAsync(request)),
            new("streams_debug", async request => await streams.DebugAsync(request)),
            new("streams", async request => await streams.ListLoadedAsync(request)),
            new("connections", request => Task.FromResult<object?>(connections.ListConnections(request))),
            new("subscriptions", request => Task.FromResult<object?>(connections.ListSubscriptions(request))),
            new("cohorts", _ => Task.FromResult<object?>(connections.ListCohorts())),
            new("global_dlq", request => Task.FromResult<object?>(deadLetters.GetTarget(request))),
            new("audit", _ => Task.FromResult<object?>(overview.Audit())),
            new("topology", _ => Task.FromResult<object?>(cluster.Topology())),
            new("quarantine", _ => Task.FromResult<object?>(quarantine.List())),
        ];
        _historyOfBroker = new Family(History, _ => Task.FromResult<object?>(overview.History(new HistoryQuery { WithQueues = false })));
    }

    public IEnumerable<string> Names => _families.Select(static family => family.Name);

    /// <summary>Reads a list with commas between the names.</summary>
    /// <returns>In the order of all families.</returns>
    /// <exception cref="ApiException">None is named, or one that is unknown.</exception>
    public IReadOnlyList<string> Parse(string? list)
    {
        string[] wanted = [.. (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        string? unknown = wanted.FirstOrDefault(name => !Names.Contains(name));
        if (wanted.Length == 0 || unknown is not null)
        {
            string fault = unknown is null ? "No family of events is named" : $"'{Sessions.ChannelNames.ForLog(unknown)}' is no family of events";
            throw new ApiException(ApiErrorCodes.InvalidFamilies, $"{fault}; name one or more of {string.Join(", ", Names)}.", new FieldProblem("families", "names no known family"));
        }

        return [.. Names.Where(wanted.Contains)];
    }

    /// <summary>One frame: an object with a member for each family, which is null when it cannot be read now.</summary>
    public async Task<byte[]> TakeAsync(ApiRequest request, IReadOnlyList<string> families)
    {
        using var frame = new MemoryStream();
        frame.WriteByte((byte)'{');
        for (int i = 0; i < families.Count; i++)
        {
            if (i > 0) frame.WriteByte((byte)',');
            frame.Write(JsonSerializer.SerializeToUtf8Bytes(families[i]));
            frame.WriteByte((byte)':');
            frame.Write(await TakeAsync(request, families[i]));
        }

        frame.WriteByte((byte)'}');
        return frame.ToArray();
    }

    private async Task<byte[]> TakeAsync(ApiRequest request, string name)
    {
        // Whoever wants less has a snapshot apart, which is not given to those who want all.
        Family family = name == History && !HistoryArguments.WantsQueues(request) ? _historyOfBroker : _families.First(family => family.Name == name);
        Task<byte[]> snapshot;
        lock (family)
        {
            // One at a time, and nobody asks again what has not been answered: a disk that hangs must not collect questions.
            if (family.Snapshot is null || (family.Snapshot.IsCompleted && _time.GetElapsedTime(family.TakenAt) >= Fresh))
                (family.Snapshot, family.TakenAt) = (ReadAsync(family, request), _time.GetTimestamp());
            snapshot = family.Snapshot;
        }

        try
        {
            return await snapshot.WaitAsync(LongestWait, _time, request.Aborted);
        }
        catch (TimeoutException)
        {
            return Nothing;
        }
    }

    /// <summary>What cannot be read now is null: the others are worth sending all the same.</summary>
    private static async Task<byte[]> ReadAsync(Family family, ApiRequest request)
    {
        await Task.Yield(); // not under the lock
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(await family.Take(request), ApiJson.Options);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Nothing;
        }
    }

    private sealed class Family(string name, Func<ApiRequest, Task<object?>> take)
    {
        public string Name => name;

        public Func<ApiRequest, Task<object?>> Take => take;

        public Task<byte[]>? Snapshot { get; set; }

        public long TakenAt { get; set; }
    }
}
