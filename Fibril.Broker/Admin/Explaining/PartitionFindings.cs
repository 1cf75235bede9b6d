using System.Globalization;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin.Explaining;

/// <summary>Says of a partition of a queue why its messages wait, from what it shows. Decides, and asks nobody anything.</summary>
/// <param name="status">The partition.</param>
/// <param name="nowMs">Unix milliseconds.</param>
internal sealed class PartitionFindings(QueuePartitionStatus status, long nowMs)
{
    public IEnumerable<Finding> Find()
    {
        if (status.IsSealed) yield return Make("being_deleted", FindingSeverity.Critical, "The queue is being deleted and hands nothing out.", "Wait for the deletion to end, or look at its answer.");
        if (status.IsFull)
        {
            yield return Make(
                "queue_full", FindingSeverity.Warning, "The queue is at the limit it was declared with and refuses further messages.", "Consume faster, purge it, or raise max_messages or max_bytes.",
                ("ready", status.Ready.Count), ("inflight", status.Leased.Count));
        }

        if (status.AwaitsDeadLetterTarget)
        {
            yield return Make(
                "no_dead_letter_target", FindingSeverity.Critical, $"{status.DeadLettering} failed message(s) wait: the policy is global, and there is no global dead-letter target.",
                "Set one with PUT /admin/api/global-dlq, or give the queue another policy.", ("pending_dlq", status.DeadLettering));
        }

        if (status.Ready.Count > 0)
        {
            foreach (Finding finding in WhyReadyWait()) yield return finding;
        }
        else
        {
            foreach (Finding finding in WhyNothingIsReady()) yield return finding;
        }
    }

    private IEnumerable<Finding> WhyReadyWait()
    {
        if (status.Consumers.Count == 0)
        {
            yield return Make(
                "no_consumer", FindingSeverity.Warning, $"{status.Ready.Count} message(s) are ready, and nobody is subscribed.", "Start a consumer of this topic and group.", ("ready", status.Ready.Count));
            yield break;
        }

        if (status.Gate is { } gate && WhyGated(gate) is { } gated)
        {
            yield return gated;
            yield break;
        }

        ConsumerStatus[] admitted = [.. status.Consumers.Where(static consumer => !consumer.IsBehindGate)];
        if (admitted.Any(static consumer => consumer is { HasCredit: true, OutputIsFull: false })) yield break; // it flows
        ConsumerStatus[] full = [.. admitted.Where(static consumer => !consumer.HasCredit)];
        if (full.Length > 0)
        {
            yield return Make(
                "no_credit", FindingSeverity.Warning,
                $"{full.Length} of {admitted.Length} consumer(s) hold as many unsettled messages as their prefetch allows{InTime("; the first lease ends", status.NextLeaseEndMs)}.",
                "See whether they still work, settle what they are done with, raise the prefetch, or add consumers.",
                ("consumers", full.Select(static consumer => $"{consumer.Holder}: {consumer.InFlight} of {consumer.Prefetch}")), ("ready", status.Ready.Count), ("next_lease_end_ms", status.NextLeaseEndMs));
        }

        ConsumerStatus[] deaf = [.. admitted.Where(static consumer => consumer is { HasCredit: true, OutputIsFull: true })];
        if (deaf.Length > 0)
        {
            yield return Make(
                "output_full", FindingSeverity.Warning, $"{deaf.Length} consumer(s) could be sent messages, and have no connection now or do not read what was sent.",
                "See whether their processes and the network are well: GET /admin/api/subscriptions shows which are dormant.", ("consumers", deaf.Select(static consumer => consumer.Holder)));
        }
    }

    private Finding? WhyGated(GateStatus gate)
    {
        if (gate.Member is null)
        {
            return Make(
                "gate_uncovered", FindingSeverity.Critical, $"The queue belongs to the exclusive group {gate.Cohort}, and none of its members is subscribed to this partition.",
                "Subscribe a member to every partition: Fibril.Client does so by itself.", ("consumer_group", gate.Cohort));
        }

        if (!gate.IsOpen)
        {
            return Make(
                "gate_handover", FindingSeverity.Warning,
                $"The partition goes over to another member of the group {gate.Cohort}, which waits until the others have settled what they hold{InTime("; the first lease ends", status.NextLeaseEndMs)}.",
                "Wait, or end the consumer that holds them.", ("consumer_group", gate.Cohort), ("member", gate.Member), ("inflight", status.Leased.Count));
        }

        if (status.Consumers.Any(static consumer => !consumer.IsBehindGate)) return null;
        return Make(
            "gate_absent_member", FindingSeverity.Critical, $"The partition belongs to a member of the group {gate.Cohort} that is not subscribed to it now.",
            "Wait for it to come back, or end it so that the partition goes over to another.", ("consumer_group", gate.Cohort), ("member", gate.Member));
    }

    private IEnumerable<Finding> WhyNothingIsReady()
    {
        if (status.Delayed > 0)
        {
            yield return Make(
                "delayed", FindingSeverity.Info, $"{status.Delayed} message(s) are delayed{InTime("; the next is due", status.NextDueMs)}.", null, ("delayed", status.Delayed), ("next_due_ms", status.NextDueMs));
        }

        if (status.Leased.Count > 0)
        {
            yield return Make(
                "all_leased", FindingSeverity.Info, $"{status.Leased.Count} message(s) are with consumers{InTime("; the first lease ends", status.NextLeaseEndMs)}.", null,
                ("inflight", status.Leased.Count), ("next_lease_end_ms", status.NextLeaseEndMs));
        }

        if (status.Delayed == 0 && status.Leased.Count == 0 && status.DeadLettering == 0)
            yield return Make("empty", FindingSeverity.Info, "There is no message to hand out.", null, ("end_offset", status.NextOffset));
    }

    private Finding Make(string code, FindingSeverity severity, string text, string? remedy, params ReadOnlySpan<(string Name, object? Value)> evidence) =>
        new Finding(code, severity, text, remedy) { Partitions = [status.Id.Partition] }.With(evidence);

    private string InTime(string what, long? atMs) =>
        atMs is { } at ? string.Create(CultureInfo.InvariantCulture, $"{what} in {Math.Max(0, at - nowMs) / 1000.0:0.#} s") : "";
}
