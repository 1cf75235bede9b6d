using Fibril.Broker.Sessions.Resume;
using Fibril.Protocol;

namespace Fibril.Broker.Statistics;

/// <summary>The names under which verdicts of reconciliations are counted. Fixed: other people's dashboards know them.</summary>
internal static class ReconcileOutcomes
{
    private static readonly (string Name, CloseReason[] Verdicts)[] Known =
    [
        ("kept", [CloseReason.Matched, CloseReason.ServerIdChanged]),
        ("restored", [CloseReason.ServerRestored]),
        ("client_closed", [CloseReason.ServerMissing]),
        ("server_dropped", [CloseReason.ClientMissing]),
        ("mismatched", [CloseReason.ServerMismatch]),
        ("restore_failed", [CloseReason.ServerRestoreFailed]),
        ("recreated", [CloseReason.Recreate]),
    ];

    public static IEnumerable<string> Names => Known.Select(static outcome => outcome.Name);

    public static long CountOf(string name, SessionCounters counters) =>
        Known.Single(outcome => outcome.Name == name).Verdicts.Sum(counters.CountOf);
}
