using Fibril.Client.Routing;
using Fibril.Client.Telemetry;

namespace Fibril.Client.Connection;

/// <summary>Publish replies to use again. One party at a time rents; anyone returns, without a lock.</summary>
internal sealed class PublishReplyPool(int capacity)
{
    private PublishReply? _free;
    private PublishReply? _returned;

    /// <summary>A reply for another publish. One caller at a time.</summary>
    public PublishReply Rent(QueueAddress queue, uint partition, ClientOperation? operation = null)
    {
        // All at once and not one by one: a list that is only added to, or taken whole, cannot be relinked while it is read.
        PublishReply? reply = _free ?? Interlocked.Exchange(ref _returned, null);
        if (reply is null)
        {
            reply = new PublishReply(this);
        }
        else
        {
            _free = reply.Next;
            reply.Next = null;
        }

        reply.Prepare(queue, partition, operation);
        return reply;
    }

    /// <summary>Takes a reply back that nobody looks at any more, or lets it go when there are enough. Thread-safe.</summary>
    public void Return(PublishReply reply)
    {
        PublishReply? head;
        do
        {
            head = Volatile.Read(ref _returned);
            reply.Next = head;
            reply.ListLength = head is null ? 1 : head.ListLength + 1;
            if (reply.ListLength > capacity) return;
        }
        while (Interlocked.CompareExchange(ref _returned, reply, head) != head);
    }
}
