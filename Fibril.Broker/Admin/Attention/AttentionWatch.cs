using Fibril.Broker.Admin.Audit;

namespace Fibril.Broker.Admin.Attention;

/// <summary>Looks from time to time what is worth an operator's attention, and remembers since when. Thread-safe.</summary>
internal sealed class AttentionWatch : IAsyncDisposable
{
    private const int MostNoted = 20; // of one kind, in one look

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly AttentionRules _rules;
    private readonly StallDetector _stalls;
    private readonly AuditTrail _audit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, AttentionItem> _known = []; // under the gate
    private readonly Task _loop;

    public AttentionWatch(AttentionRules rules, StallDetector stalls, AuditTrail audit, TimeProvider time, ILogger<AttentionWatch> logger)
    {
        _rules = rules;
        _stalls = stalls;
        _audit = audit;
        _time = time;
        _logger = logger;
        _loop = RunAsync();
    }

    /// <summary>What is worth attention now: critical first.</summary>
    public async Task<AttentionView> LookAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            AttentionItem[] items =
            [
                .. _rules.Find(await _stalls.LookAsync(cancellationToken))
                    .DistinctBy(static item => item.Id)
                    .Select(item => item with { SinceMs = _known.TryGetValue(item.Id, out AttentionItem? known) ? known.SinceMs : now })
                    .OrderByDescending(static item => item.Severity),
            ];
            return new AttentionView(items);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _gate.Dispose();
    }

    private async Task RunAsync()
    {
        bool isFirst = true;
        while (true)
        {
            await Task.Delay(Interval, _time, _stopping.Token);
            try
            {
                await NoteAsync(isFirst);
                isFirst = false;
            }
            catch (Exception failure) when (failure is not (OutOfMemoryException or OperationCanceledException))
            {
                _logger.AttentionFailed(failure);
            }
        }
    }

    /// <summary>Puts what has come and gone into the activity feed; what was there at the start has not come.</summary>
    private async Task NoteAsync(bool isFirst)
    {
        IReadOnlyList<AttentionItem> items = (await LookAsync(_stopping.Token)).Items;
        AttentionItem[] raised, resolved;
        await _gate.WaitAsync(_stopping.Token);
        try
        {
            HashSet<string> now = [.. items.Select(static item => item.Id)];
            raised = [.. items.Where(item => _known.TryAdd(item.Id, item))];
            resolved = [.. _known.Values.Where(item => !now.Contains(item.Id))];
            foreach (AttentionItem gone in resolved) _known.Remove(gone.Id);
        }
        finally
        {
            _gate.Release();
        }

        if (!isFirst) Record("attention_raised", raised, static item => item.Severity);
        Record("attention_resolved", resolved, static _ => AuditSeverity.Info);
    }

    /// <summary>Ten thousand queues that lose their consumers at once must not push everything else out of the feed.</summary>
    private void Record(string kind, AttentionItem[] items, Func<AttentionItem, AuditSeverity> severityOf)
    {
        foreach (IGrouping<string, AttentionItem> same in items.GroupBy(static item => item.Kind))
        {
            AttentionItem[] all = [.. same];
            foreach (AttentionItem item in all.Take(MostNoted)) _audit.Record(new AuditEntry(0, kind, severityOf(item), item.Subject, item.Headline));
            if (all.Length > MostNoted)
                _audit.Record(new AuditEntry(0, kind, severityOf(all[0]), same.Key, $"And {all.Length - MostNoted} more of the same kind; GET /admin/api/attention lists them."));
        }
    }
}
