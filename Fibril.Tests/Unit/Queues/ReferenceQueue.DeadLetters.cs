using System.Globalization;
using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Where messages go that failed for good: nowhere, or to the target, and then they are pending until a copy was seen there.
internal sealed partial class ReferenceQueue
{
    private DeadLetterPolicy? _policy;
    private QueueName? _globalTarget;
    private bool _targetLeadsBack;

    public int PendingCount => _messages.Count(static message => message.State == ReferenceState.Pending);

    public IEnumerable<long> PendingOffsets =>
        Enumerable.Range(0, Count).Where(offset => _messages[offset].State == ReferenceState.Pending).Select(static offset => (long)offset);

    /// <summary>True while dead letters wait for a global target that nobody has set (D-37).</summary>
    public bool AwaitsTarget => Keeps && Target is null && PendingCount > 0;

    private bool Keeps => _policy is { Kind: not DeadLetterPolicyKind.Discard };

    private QueueName? Target => _policy?.Kind switch
    {
        DeadLetterPolicyKind.Global => _globalTarget,
        DeadLetterPolicyKind.Custom => new QueueName(_policy.Topic!, _policy.Group),
        _ => null,
    };

    /// <summary>The policy, the global target, or what becomes of those that fail in the target is another one now.</summary>
    /// <param name="policy">The policy of the queue.</param>
    /// <param name="globalTarget">The target of the policy "global".</param>
    /// <param name="targetLeadsBack">True when the policy of the target names this queue.</param>
    public void Route(DeadLetterPolicy? policy, QueueName? globalTarget, bool targetLeadsBack)
    {
        (_policy, _globalTarget, _targetLeadsBack) = (policy, globalTarget, targetLeadsBack);
        foreach (ReferenceMessage message in _messages.Where(static message => message.State == ReferenceState.Pending))
            message.CopyMayHaveBegun |= Target is not null;
    }

    /// <summary>A copy arrived in the target: of a message that is pending, unaltered, and with the true story in its headers.</summary>
    public void Copied(DeadLetter copy, long nowMs)
    {
        int offset = int.Parse(copy.Headers["stroma.dlq.source_offset"], CultureInfo.InvariantCulture);
        Assert.InRange(offset, 0, Count - 1);
        ReferenceMessage message = _messages[offset];
        int retries = int.Parse(copy.Headers["stroma.dlq.retry_count"], CultureInfo.InvariantCulture);
        Assert.Equal(Encoding.ASCII.GetString(message.Payload), copy.Text); // D-45
        Assert.Equal("orders", copy.Headers["stroma.dlq.source_topic"]); // D-46, D-52
        Assert.DoesNotContain("stroma.dlq.source_group", copy.Headers.Keys);
        Assert.InRange(long.Parse(copy.Headers["stroma.dlq.dead_lettered_at_ms"], CultureInfo.InvariantCulture), 0, nowMs);
        Assert.Equal(
            message.Headers.OrderBy(static header => header.Key),
            copy.Headers.Where(static header => !header.Key.StartsWith("stroma.", StringComparison.Ordinal)).OrderBy(static header => header.Key));

        ReferenceMessage[] versions = [.. VersionsOf(offset)];
        Assert.True(
            versions.Any(version => version.State == ReferenceState.Pending && version.Retries == retries && version.Reasons.Contains(copy.Reason)),
            $"offset {offset} is copied for {copy.Reason} after {retries} retries, and is {Describe(versions)}"); // D-32, D-33
        Assert.False(MustDrop(message), $"offset {offset} is copied although it is to be dropped"); // D-38, D-54
        message.Copies++;
        Assert.True(message.Copies <= versions.Max(static version => version.MostCopies), $"offset {offset} is copied {message.Copies} times");
    }

    /// <summary>The target has failed, and may have kept what it did not confirm.</summary>
    public void RepeatCopies()
    {
        foreach (ReferenceMessage message in _messages.Where(static message => message.State == ReferenceState.Pending)) message.MostCopies++;
    }

    /// <summary>The engine holds no pending message any more: each has a copy, or was to be dropped (D-48).</summary>
    public void FinishPending()
    {
        for (int offset = 0; offset < Count; offset++)
        {
            if (_messages[offset].State != ReferenceState.Pending) continue;
            Assert.True(MayBeGone(_messages[offset], _messages[offset].Copies), $"offset {offset} is settled without a copy");
            _messages[offset].State = ReferenceState.Settled;
        }
    }

    private void GiveUp(ReferenceMessage message, string reason)
    {
        message.State = Keeps ? ReferenceState.Pending : ReferenceState.Settled;
        message.Reasons = [reason];
        message.CopyMayHaveBegun = Target is not null;
        message.EarlierCopies = message.Copies;
        message.MostCopies = message.Copies + 1;
    }

    /// <summary>What has no place to go is dropped: by the policy, or because it would go round in a circle (D-38, D-54).</summary>
    private bool MustDrop(ReferenceMessage message)
    {
        if (!Keeps) return true;
        if (Target == PartitionHarness.Id.Queue) return true;
        return _targetLeadsBack && message.IsDeadLetter && Target is not null;
    }

    private bool MayBeGone(ReferenceMessage pending, int copies) => copies > pending.EarlierCopies || MustDrop(pending) || pending.MayBeRemoved;
}
