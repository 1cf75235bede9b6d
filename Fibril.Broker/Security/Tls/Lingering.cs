using System.IO.Pipelines;

namespace Fibril.Broker.Security.Tls;

/// <summary>Lets a peer read the last words and close first: closing a socket with unread input resets the connection, and that can overtake them.</summary>
internal static class Lingering
{
    public static async Task DrainAsync(PipeReader input, TimeSpan timeout, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(deadline.Token);
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return;
            }
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            // It had its time, or is gone.
        }
    }
}
