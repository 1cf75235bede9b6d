using Fibril.Broker.Queues.Inspection;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Operators empty the queue, and remove single messages.
internal sealed partial class ModelRun
{
    // What was done by hand is durable when it is answered, and everything before it: a power loss right afterwards takes nothing back.
    private bool _isAllDurable;

    private void Purge()
    {
        _doing = "purge";
        int expected = _reference.Purge();
        Assert.Equal(expected, _operator.Await(() => _source.Partition.PurgeAsync()));
        AssertAtRest(looksAtAll: true);
        RestartAtOnce();
    }

    private void RemoveSome()
    {
        long[] offsets = SomeOffsets();
        _doing = $"remove {string.Join(", ", offsets)}";
        RemovalOutcome[] expected = _reference.Remove(offsets);
        Assert.Equal(expected, _operator.Remove(_source, offsets));
        AssertAtRest(looksAtAll: true);
        if (expected.Contains(RemovalOutcome.Removed)) RestartAtOnce();
    }

    private void RestartAtOnce()
    {
        if (_random.Next(3) > 0) return;
        _isAllDurable = true;
        Restart();
        _isAllDurable = false;
    }

    /// <summary>Mostly young ones, which are more likely to be active.</summary>
    private long[] SomeOffsets() => [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _reference.Count - 1L - _random.Next(-2, 25))];

    /// <summary>Begins something of that and runs nothing of what comes of it. Copies may be under way.</summary>
    /// <returns>Says later whether it was answered.</returns>
    private Func<bool> BeginOperation()
    {
        if (_random.Next(2) == 0)
        {
            _doing += ", purge";
            _reference.Purge(amidCopies: true);
            Task<long> purge = _operator.Begin(() => _source.Partition.PurgeAsync());
            return () => purge.IsCompletedSuccessfully;
        }

        long[] offsets = [.. SomeOffsets(), .. _reference.PendingOffsets.Where(_ => _random.Next(2) == 0)];
        _doing += $", remove {string.Join(", ", offsets)}";
        _reference.Remove(offsets, amidCopies: true);
        Task<RemovalOutcome[]> removal = _operator.BeginRemoval(_source, offsets);
        return () =>
        {
            if (removal.IsCompletedSuccessfully) _reference.Removed(offsets, removal.GetAwaiter().GetResult());
            return removal.IsCompletedSuccessfully;
        };
    }
}
