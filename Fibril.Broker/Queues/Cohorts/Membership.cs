namespace Fibril.Broker.Queues.Cohorts;

/// <summary>One exclusive subscription. A member is in a cohort for as long as it has any.</summary>
/// <param name="MemberId">Whose it is.</param>
/// <param name="Target">Most partitions the member would like to have; null for no wish. The newest subscription's counts.</param>
/// <param name="Partition">What it is subscribed to.</param>
/// <param name="Sink">Who is told of assignments.</param>
internal sealed record Membership(Guid MemberId, int? Target, int Partition, IAssignmentSink Sink)
{
    // Two subscriptions are never the same one, however alike: leaving concerns the one that leaves (G-34).
    public bool Equals(Membership? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
