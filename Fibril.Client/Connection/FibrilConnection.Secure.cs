using System.Net.Security;
using System.Net.Sockets;

namespace Fibril.Client.Connection;

// With TLS the sender writes to a stream, one write at a time like on the socket.
internal sealed partial class FibrilConnection
{
    private bool TrySendSecurely(SslStream stream, ArraySegment<byte> bytes)
    {
        ValueTask sending;
        try
        {
            sending = stream.WriteAsync(bytes);
            if (sending.IsCompletedSuccessfully) return true;
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            Fail(Lost(broken, "sending"));
            return false;
        }

        _ = FinishSendAsync(sending);
        return false;
    }

    private async Task FinishSendAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            Fail(Lost(broken, "sending"));
            return;
        }

        SendWhatWaits();
    }

    private static bool IsBroken(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or InvalidOperationException;
}
