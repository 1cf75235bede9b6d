using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

// The gate of section 7.2: while the queue has a cohort, only the member that the plan names receives from this partition. It is asked on
// every delivery, so a plan that comes late can pause a partition and never open it to two (G-10, G-11).
internal sealed partial class QueuePartition
{
    private CohortPlan? _plan;
    private Guid? _assignee;
    private bool _isGateClear = true;

    /// <summary>The queue's cohort has another plan. Thread-safe.</summary>
    internal void PlanChanged() => Wake(mayRunHere: false);

    private void ApplyPlan()
    {
        CohortPlan? plan = _cell.Plan;
        if (ReferenceEquals(plan, _plan)) return;
        bool wasGated = _plan is not null;
        _plan = plan;
        Guid? assignee = plan?.MemberOf(Id.Partition);
        if (wasGated == plan is not null && assignee == _assignee) return;
        _assignee = assignee;
        _isGateClear = plan is null;
        foreach (QueueSubscription subscription in _subscriptions) EnterRotation(subscription);
    }

    private bool MayReceive(QueueSubscription subscription) =>
        _plan is null ? subscription.MemberId is null : subscription.MemberId is { } member && member == _assignee && _isGateClear;

    /// <summary>The new member waits until nobody else holds a lease, which keeps the order of each key across the hand-over (G-17).</summary>
    private void OpenGateWhenClear()
    {
        if (_isGateClear) return;
        foreach (QueueSubscription other in _subscriptions)
        {
            if (other.InFlight > 0 && other.MemberId != _assignee) return;
        }

        _isGateClear = true;
        foreach (QueueSubscription subscription in _subscriptions) EnterRotation(subscription);
    }
}
