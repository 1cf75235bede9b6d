using System.Collections.Concurrent;
using Fibril.Broker.Sessions.Output;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// What the client learns without having asked waits here while it would be taken for a reply of its handshake.
internal sealed partial class Session
{
    private readonly ConcurrentQueue<SubscriptionClosedMessage> _notices = new();

    /// <summary>Sends what the client has not been told, if it may be sent anything by now. Thread-safe.</summary>
    public void PushNews()
    {
        if (Volatile.Read(ref _connection) is not { CanPush: true } connection) return;
        if (PushNotices(connection.Output) | PushAssignments(connection.Output)) connection.Output.Flush();
    }

    /// <summary>Writes why subscriptions have ended that were not claimed; true when there were any.</summary>
    private bool PushNotices(FrameOutput output)
    {
        bool pushed = false;
        while (_notices.TryDequeue(out SubscriptionClosedMessage? notice))
        {
            output.Push(notice);
            pushed = true;
        }

        return pushed;
    }
}
