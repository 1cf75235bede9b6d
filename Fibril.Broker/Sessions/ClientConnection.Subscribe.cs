using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Security.Users;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private async Task<FrameOutcome> SubscribeAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out SubscribeMessage request, out DecodeError error)) return Malformed(requestId, OpCode.Subscribe, error);
        PartitionId id = ChannelNames.ToPartitionId(request.Topic, request.Group, request.Partition);
        if (Denies(requestId, id.Queue.Topic, TopicOperations.Consume)) return FrameOutcome.Done;
        PartitionLease<QueuePartition> lease = await _environment.Queues.AcquireAsync(id, PartitionUse.Subscribe);
        try
        {
            if (lease.Partition.ParkedBecause is { } because)
            {
                Refuse(requestId, ErrorCode.ServerFault, because);
            }
            else
            {
                await _session!.SubscribeAsync(this, requestId, request, lease);
                return FrameOutcome.Done;
            }
        }
        catch (SubscribeRefusedException refused)
        {
            Refuse(requestId, ErrorCode.Conflict, refused.Message);
        }
        catch (ArgumentException)
        {
            lease.Dispose();
            throw;
        }

        lease.Dispose();
        return FrameOutcome.Done;
    }

    private async Task<FrameOutcome> ReconcileAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out ReconcileClientMessage request, out DecodeError error)) return Malformed(requestId, OpCode.ReconcileClient, error);
        try
        {
            await _session!.ReconcileAsync(this, requestId, request, _rules);
        }
        catch (SubscribeRefusedException refused)
        {
            Refuse(requestId, ErrorCode.Conflict, refused.Message);
        }

        return FrameOutcome.Done;
    }
}
