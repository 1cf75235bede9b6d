using System.Net;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Sessions;

/// <summary>
/// Messages of one connection that were not taken and that nobody waits for the confirms of: all that is left of them is a line in the log, at
/// most one a second. Used by the read loop only.
/// </summary>
internal sealed class LostPublishes(ILogger logger, IPEndPoint? peer)
{
    private const int MsBetweenReports = 1000;

    private long? _reportedMs;
    private int _count;
    private PartitionId _partition;
    private string _reason = "";

    public void Note(PartitionId partition, string reason, long nowMs)
    {
        _count++;
        (_partition, _reason) = (partition, reason);
        ReportIfDue(nowMs);
    }

    public void ReportIfDue(long nowMs)
    {
        if (_count == 0 || nowMs - _reportedMs < MsBetweenReports) return;
        _reportedMs = nowMs;
        Report();
    }

    /// <summary>Says what was not said yet.</summary>
    public void Report()
    {
        if (_count > 0) logger.UnconfirmedLost(peer, _count, _partition, _reason);
        _count = 0;
    }
}
