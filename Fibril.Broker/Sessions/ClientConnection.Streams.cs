using System.Text;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    // Every record is compared with every clause of every reader.
    private const int MostFilterClauses = 64;

    private async Task<FrameOutcome> DeclareStreamAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out DeclarePlexusMessage request, out DecodeError error)) return Malformed(requestId, OpCode.DeclarePlexus, error);
        QueueName name = ChannelNames.ToPartitionId(request.Topic, group: null, partition: 0).Queue;
        if (Denies(requestId, name.Topic, TopicOperations.Manage)) return FrameOutcome.Done;
        if (request.ReplicationFactor > int.MaxValue) throw new ArgumentException($"{request.ReplicationFactor} followers are too many.");
        var declaration = new StreamDeclaration(
            request.PartitionCount is { } count ? (int)Math.Clamp(count, 1, int.MaxValue) : null,
            request.Durability,
            new RetentionBounds(ToBound(request.Retention.MaxAgeMs), ToBound(request.Retention.MaxBytes), ToBound(request.Retention.MaxRecords)),
            (int?)request.ReplicationFactor);
        try
        {
            StreamEntry entry = await _environment.Streams.DeclareAsync(name, declaration);
            _output.Reply(requestId, new DeclarePlexusOkMessage(ProtocolDefaults.DeclaredStatus, (uint)entry.PartitionCount));
        }
        catch (StreamConflictException conflict)
        {
            Refuse(requestId, ErrorCode.Conflict, conflict.Message);
        }

        return FrameOutcome.Done;
    }

    private async Task<FrameOutcome> SubscribeStreamAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out SubscribeStreamMessage request, out DecodeError error)) return Malformed(requestId, OpCode.SubscribeStream, error);
        Check(request);
        PartitionId id = ChannelNames.ToPartitionId(request.Topic, group: null, request.Partition);
        if (Denies(requestId, id.Queue.Topic, TopicOperations.Consume)) return FrameOutcome.Done;
        PartitionLease<StreamPartition>? lease = null;
        try
        {
            lease = await _environment.Streams.AcquireAsync(id, PartitionUse.Subscribe);
            if (lease.Partition.ParkedBecause is { } because)
            {
                Refuse(requestId, ErrorCode.ServerFault, because);
            }
            else
            {
                await _session!.SubscribeStreamAsync(this, requestId, request, lease);
                return FrameOutcome.Done;
            }
        }
        catch (UnknownStreamException unknown)
        {
            Refuse(requestId, ErrorCode.NotFound, unknown.Message);
        }
        catch (SubscribeRefusedException refused)
        {
            Refuse(requestId, ErrorCode.Conflict, refused.Message);
        }

        lease?.Dispose();
        return FrameOutcome.Done;
    }

    /// <exception cref="ArgumentException">The name or the filter is not one that the broker takes; the message is fit for clients (NAM-2, O-14).</exception>
    private static void Check(SubscribeStreamMessage request)
    {
        if (request.Filter.Count > MostFilterClauses)
            throw new ArgumentException($"The filter has {request.Filter.Count} clauses; this broker takes {MostFilterClauses}.");
        if (request.DurableName is not { } name) return;
        if (name.Length == 0) throw new ArgumentException("The durable name is empty; give the cursor a name, or leave it out to have none.");
        if (Encoding.UTF8.GetByteCount(name) > CursorRecords.MostNameBytes || name.Any(char.IsControl))
        {
            throw new ArgumentException(
                $"'{ChannelNames.ForLog(name)}' cannot be a durable name: it has at most {CursorRecords.MostNameBytes} bytes and no control characters.");
        }
    }

    private static long? ToBound(ulong? value) => value is { } bound ? ToUnixMs(bound) : null;
}
