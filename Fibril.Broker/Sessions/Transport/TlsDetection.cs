using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Fibril.Broker.Security.Tls;
using Fibril.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Sessions.Transport;

/// <summary>Looks at the first bytes of a connection to a listener for TLS, and tells a client that does not speak it what to do (TLS-2, A-29).</summary>
internal sealed class TlsDetection(SessionOptions options, TimeProvider time, ILogger logger)
{
    private const string Text =
        "This listener speaks TLS only. Switch TLS on in the client's options, and say there whom to trust: a CA file, or the SHA-256 fingerprint "
        + "that the broker logs when it starts.";

    private static readonly TimeSpan LingerTimeout = TimeSpan.FromMilliseconds(250);

    public async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        switch (await LookAsync(connection.Transport.Input))
        {
            case (Talk.Tls, _):
                await next(connection);
                break;
            case (Talk.Frames, var requestId):
                logger.PlaintextOnTlsListener(connection.RemoteEndPoint as IPEndPoint);
                Frame.WriteError(connection.Transport.Output, OpCode.Error, requestId, new ErrorMessage(ErrorCode.TlsRequired, Text));
                await connection.Transport.Output.FlushAsync();
                await connection.Transport.Output.CompleteAsync();
                await Lingering.DrainAsync(connection.Transport.Input, LingerTimeout, time);
                break;
            default:
                connection.Abort();
                break;
        }
    }

    private async Task<(Talk Talk, ulong RequestId)> LookAsync(PipeReader input)
    {
        using var deadline = new CancellationTokenSource(options.HandshakeTimeout, time);
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(deadline.Token);
                (Talk Talk, ulong RequestId)? judged = Judge(result.Buffer, result.IsCompleted);

                // What was looked at is there for whoever handles the connection.
                input.AdvanceTo(result.Buffer.Start, judged is null ? result.Buffer.End : result.Buffer.Start);
                if (judged is { } known) return known;
            }
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            return (Talk.Neither, 0);
        }
    }

    private static (Talk Talk, ulong RequestId)? Judge(in ReadOnlySequence<byte> buffer, bool isAll)
    {
        if (buffer.Length < 2) return isAll ? (Talk.Neither, 0) : null;
        Span<byte> first = stackalloc byte[FrameHeader.Size];
        int count = (int)Math.Min(buffer.Length, first.Length);
        buffer.Slice(0, count).CopyTo(first);
        if (first[0] == 0x16 && first[1] == 0x03) return (Talk.Tls, 0);
        if (first[0] != 0 || first[1] != 0) return (Talk.Neither, 0);
        if (FrameHeader.TryRead(first[..count], out FrameHeader header)) return (Talk.Frames, header.RequestId);
        return isAll ? (Talk.Frames, 0) : null;
    }

    private enum Talk
    {
        Neither,
        Tls,
        Frames,
    }
}
