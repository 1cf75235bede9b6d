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

    public async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        PipeReader input = connection.Transport.Input;
        using var deadline = new CancellationTokenSource(Timeout, time);
        string? head = null;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(deadline.Token);
                ReadOnlySequence<byte> buffer = result.Buffer;
                if (buffer.IsEmpty && result.IsCompleted) return;
                if (!buffer.IsEmpty && buffer.FirstSpan[0] == TlsHandshakeRecord)
                {
                    input.AdvanceTo(buffer.Start, buffer.Start);
                    break;
                }

                head = Encoding.Latin1.GetString(buffer.Slice(0, Math.Min(buffer.Length, MostHeadBytes)));
                input.AdvanceTo(buffer.Start, buffer.End);
                if (head.Contains("\r\n\r\n", StringComparison.Ordinal) || head.Length == MostHeadBytes || result.IsCompleted) break;
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            if (head is null)
            {
                connection.Abort();
                return;
            }
        }

        if (head is null) await next(connection);
        else await AnswerAsync(connection, head);
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
