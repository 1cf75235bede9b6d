using System.Text.Json;
using Fibril.Broker.Admin.Attention;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Routes;

namespace Fibril.Broker.Admin.Events;

/// <summary>What live events can carry: each family is what its route answers. Snapshots are shared by those who listen at the same time. Thread-safe.</summary>
internal sealed class EventFamilies : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly (string Name, Func<ApiRequest, Task<object?>> Take)[] _families;
    private readonly Dictionary<string, (byte[] Json, long At)> _cache = []; // under the gate
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly TimeProvider _time;

    public EventFamilies(
        OverviewRoutes overview, AttentionWatch attention, QueueListRoutes queues, StreamRoutes streams, ConnectionRoutes connections, DeadLetterRoutes deadLetters,
        ClusterRoutes cluster, QuarantineRoutes quarantine, TimeProvider time)
    {
        _time = time;
        _families =
        [
            ("overview", _ => Task.FromResult<object?>(overview.Overview())),
            ("history", _ => Task.FromResult<object?>(overview.History())),
            ("attention", async request => await attention.LookAsync(request.Aborted)),
            ("queues_debug", async request => await queues.DebugAsync(request)),
            ("streams_debug", async request => await streams.DebugAsync(request)),
            ("streams", async request => await streams.ListLoadedAsync(request)),
            ("connections", request => Task.FromResult<object?>(connections.ListConnections(request))),
            ("subscriptions", request => Task.FromResult<object?>(connections.ListSubscriptions(request))),
            ("cohorts", _ => Task.FromResult<object?>(connections.ListCohorts())),
            ("global_dlq", request => Task.FromResult<object?>(deadLetters.GetTarget(request))),
            ("audit", _ => Task.FromResult<object?>(overview.Audit())),
            ("topology", _ => Task.FromResult<object?>(cluster.Topology())),
            ("quarantine", _ => Task.FromResult<object?>(quarantine.List())),
        ];
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

    public void Dispose() => _gate.Dispose();

    private async Task<byte[]> TakeAsync(ApiRequest request, string name)
    {
        await _gate.WaitAsync(request.Aborted);
        try
        {
            if (_cache.TryGetValue(name, out (byte[] Json, long At) cached) && _time.GetElapsedTime(cached.At) < Fresh) return cached.Json;
            object? snapshot = null;
            try
            {
                snapshot = await _families.First(family => family.Name == name).Take(request);
            }
            catch (Exception failure) when (failure is ApiException or IOException)
            {
                // The others are worth sending all the same.
            }

            byte[] json = JsonSerializer.SerializeToUtf8Bytes(snapshot, ApiJson.Options);
            _cache[name] = (json, _time.GetTimestamp());
            return json;
        }
        finally
        {
            _gate.Release();
        }
    }
}
