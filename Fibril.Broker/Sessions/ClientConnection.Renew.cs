using Fibril.Broker.Queues;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection : IRenewalSink
{
    void IRenewalSink.Renewed(LeaseRenewal renewal, TimeSpan leaseDuration) =>
        _output.Reply(renewal.RequestId, new RenewLeaseOkMessage((ulong)leaseDuration.TotalMilliseconds, renewal.DeadTags));

    /// <summary>
    /// Asks the partition for new leases. It comes behind the settlements of the same connection, which were handed over already: what was
    /// settled is dead by then (M-33).
    /// </summary>
    private async Task<FrameOutcome> RenewLeasesAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out RenewLeaseMessage request, out DecodeError error)) return Malformed(requestId, OpCode.RenewLease, error);
        if (_session!.FindLive(ChannelNames.ToPartitionId(request.Topic, request.Group, request.Partition)) is not { } subscription)
        {
            _output.Reply(requestId, new RenewLeaseOkMessage(LeaseMs: 0, request.Tags));
            return FrameOutcome.Done;
        }

        var renewal = new LeaseRenewal(requestId, subscription.Queue, request.Tags, this);
        foreach (RenewCommand command in renewal.Commands(LargestSettleRun))
            await subscription.Partition.PostAsync(command, CancellationToken.None);
        return FrameOutcome.Done;
    }
}
