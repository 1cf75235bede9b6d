using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Log;

namespace Fibril.Broker.Admin.Audit;

/// <summary>Who has done what to the broker, and what it has noticed: the newest in memory, more of it on the disk. Thread-safe.</summary>
internal sealed class AuditTrail : IDisposable
{
    /// <summary>Entries that can be asked for.</summary>
    public const int MostKept = 4096;

    private const int MostValueBytes = 16 << 10;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AuditFile _file;
    private readonly Queue<AuditEntry> _newest; // under the gate
    private long _nextId;

    private AuditTrail(AuditFile file, IReadOnlyList<AuditEntry> newest, TimeProvider time, ILogger logger)
    {
        _file = file;
        _newest = new Queue<AuditEntry>(newest.TakeLast(MostKept));
        _nextId = newest.Count == 0 ? 1 : newest[^1].Id + 1;
        _time = time;
        _logger = logger;
    }

    /// <summary>The newest entries, the newest first.</summary>
    public IReadOnlyList<AuditEntry> Newest
    {
        get
        {
            lock (_gate) return [.. _newest.Reverse()];
        }
    }

    /// <summary>Opens the trail of a data directory. Blocks on the disk.</summary>
    public static AuditTrail Open(IStorageFileSystem files, string dataDirectory, TimeProvider time, ILogger logger) =>
        new(AuditFile.Open(files, dataDirectory, out IReadOnlyList<AuditEntry> newest), newest, time, logger);

    /// <summary>Records what a caller has done. It is on the disk when this returns, unless the disk fails, which the log says.</summary>
    /// <param name="request">The request that did it.</param>
    /// <param name="kind">What, as a stable name.</param>
    /// <param name="subject">To which channel, user or thing.</param>
    /// <param name="detail">One sentence.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="before">What was changed, before; must hold no secret.</param>
    /// <param name="after">What was changed, after; must hold no secret.</param>
    public void Record(
        ApiRequest request, string kind, string subject, string detail, AuditSeverity severity = AuditSeverity.Info, object? before = null, object? after = null) =>
        Record(new AuditEntry(0, kind, severity, subject, detail)
        {
            Actor = request.Caller.Name,
            SourceIp = request.Source?.ToString(),
            RequestId = request.Id,
            Before = ToNode(before),
            After = ToNode(after),
        });

    /// <summary>Records what the broker has noticed by itself, or somebody did who did not ask the API.</summary>
    public void Record(AuditEntry entry)
    {
        lock (_gate)
        {
            entry = entry with { Id = _nextId++, AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() };
            _newest.Enqueue(entry);
            if (_newest.Count > MostKept) _newest.Dequeue();
            _logger.Audited(entry.Kind, entry.Subject, entry.Actor ?? "the broker", entry.Detail);
            try
            {
                _file.Append(entry);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _logger.AuditNotWritten(entry.Id, failure);
            }
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What is too large to keep is left out: an entry must not push all the others out.</summary>
    private static JsonNode? ToNode(object? value)
    {
        if (value is null) return null;
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ApiJson.Options);
        return json.Length <= MostValueBytes ? JsonNode.Parse(json) : new JsonObject { ["omitted_bytes"] = json.Length };
    }
}
