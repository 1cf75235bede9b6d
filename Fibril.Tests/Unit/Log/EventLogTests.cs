using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Events are written at once and synced on request.</summary>
public sealed class EventLogTests
{
    [Fact] // events
    public void Log_of_events_writes_at_once_and_syncs_on_request()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("event");
        Assert.Equal((1L, 0L, 0L), (log.Log.NextOffset, log.Log.DurableEnd, log.Log.UnwrittenBytes));
        Assert.Single(log.Reopen(log.Disk.AfterKill()).Visited);
        Assert.Empty(log.Reopen(log.Disk.AfterPowerLoss()).Visited);

        log.Log.RequestSync();
        log.Run();
        Assert.Equal(1, log.Log.DurableEnd);
        Assert.Single(log.Reopen(log.Disk.AfterPowerLoss()).Visited);
        Assert.Empty(log.TakeCompleted()); // nobody needs their blocks
    }
}
