using Fibril.Broker.Admin.Audit;

namespace Fibril.Broker.Admin.Attention;

/// <summary>Looks from time to time what is worth an operator's attention, and remembers since when. Thread-safe.</summary>
internal sealed class AttentionWatch : IAsyncDisposable
{
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
        await _gate.WaitAsync(_stopping.Token);
        try
        {
            Dictionary<string, AttentionItem> now = items.ToDictionary(static item => item.Id);
            foreach (AttentionItem item in items.Where(item => !_known.ContainsKey(item.Id)))
            {
                _known.Add(item.Id, item);
                if (!isFirst) _audit.Record(new AuditEntry(0, "attention_raised", item.Severity, item.Subject, item.Headline));
            }

            foreach (AttentionItem item in _known.Values.Where(item => !now.ContainsKey(item.Id)).ToList())
            {
                _known.Remove(item.Id);
                _audit.Record(new AuditEntry(0, "attention_resolved", AuditSeverity.Info, item.Subject, item.Headline));
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}
