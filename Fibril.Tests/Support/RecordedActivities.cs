using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fibril.Tests.Support;

/// <summary>The activities of one source, as a collector of traces would get them.</summary>
internal sealed class RecordedActivities : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _stopped = [];

    public RecordedActivities(string source, ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name == source,
            Sample = (ref _) => sampling,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Stopped => [.. _stopped];

    /// <summary>The one activity of that name, when it has stopped.</summary>
    public async Task<Activity> OneAsync(string name)
    {
        await Patience.Until(() => _stopped.Any(activity => activity.DisplayName == name));
        return Assert.Single(_stopped, activity => activity.DisplayName == name);
    }

    public void Dispose() => _listener.Dispose();
}
