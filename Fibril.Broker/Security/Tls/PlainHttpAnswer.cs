using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Security.Tls;

/// <summary>Answers plain HTTP that comes to a listener for HTTPS, decided from the first byte: with the address to use, or with a line of text .</summary>
internal sealed class PlainHttpAnswer(TimeProvider time)
{
    private const byte TlsHandshakeRecord = 0x16;
    private const int MostHeadBytes = 8 << 10;
    private const string Text = "This port serves HTTPS; use https:// with the same host and port.\n";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromMilliseconds(250);

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    public async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        bool isTls;
        try
        {
            isTls = await IsTlsAsync(connection);
        }
        catch (IOException)
        {
            return; // whoever looks for open ports resets connections, and that is no fault of ours
        }

        if (isTls) await next(connection);
    }

    /// <summary>Looks at the first byte, and answers what is not TLS.</summary>
    /// <returns>True when TLS has to go on with the connection, of which nothing was consumed.</returns>
    private async Task<bool> IsTlsAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var deadline = new CancellationTokenSource(Timeout, time);
        byte[]? head = null;
        int length = 0;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(deadline.Token);
                ReadOnlySequence<byte> buffer = result.Buffer;
                if (head is null)
                {
                    if (buffer.IsEmpty && result.IsCompleted) return false;
                    if (!buffer.IsEmpty && buffer.FirstSpan[0] == TlsHandshakeRecord)
                    {
                        input.AdvanceTo(buffer.Start, buffer.Start);
                        return true;
                    }

                    head = new byte[MostHeadBytes];
                }

                int taken = (int)Math.Min(buffer.Length, MostHeadBytes - length);
                int searched = Math.Max(0, length - EndOfHead.Length + 1);
                buffer.Slice(0, taken).CopyTo(head.AsSpan(length));
                length += taken;
                input.AdvanceTo(buffer.GetPosition(taken));
                bool isWhole = head.AsSpan(searched, length - searched).IndexOf(EndOfHead) >= 0;
                if (isWhole || length == MostHeadBytes || result.IsCompleted) break;
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            if (head is null)
            {
                connection.Abort();
                return false;
            }
        }

        await AnswerAsync(connection, Encoding.Latin1.GetString(head, 0, length));
        return false;
    }

    private async Task AnswerAsync(ConnectionContext connection, string head)
    {
        string answer = LocationOf(head) is { } location
            ? $"HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : $"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {Text.Length}\r\nConnection: close\r\n\r\n{Text}";
        await connection.Transport.Output.WriteAsync(Encoding.Latin1.GetBytes(answer));
        await connection.Transport.Output.CompleteAsync();
        await Lingering.DrainAsync(connection.Transport.Input, LingerTimeout, time);
    }

    /// <summary>Where the request should have gone; null when it does not say what it is for.</summary>
    private static string? LocationOf(string head)
    {
        int end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return null;
        string[] lines = head[..end].Split("\r\n");
        string[] request = lines[0].Split(' ');
        if (request.Length != 3 || !request[1].StartsWith('/') || !request[2].StartsWith("HTTP/1.", StringComparison.Ordinal)) return null;
        string? host = lines.Skip(1).FirstOrDefault(static line => line.StartsWith("host:", StringComparison.OrdinalIgnoreCase))?["host:".Length..].Trim();
        bool isHost = host is { Length: > 0 } && host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']');
        return isHost && !request[1].Any(char.IsControl) ? $"https://{host}{request[1]}" : null;
    }
}
