using System.Text;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Reads one subscription and brings its messages to where they are to go.</summary>
internal sealed class Consumption(ConsumeRequest request, Subscription subscription, MessageSink sink)
{
    private const int MostShownCharacters = 200;

    private long _taken;

    /// <summary>Runs until there were enough messages, none came in time, or it is interrupted.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CliException">No message came in time, or one was not what was expected.</exception>
    /// <exception cref="FibrilException">The subscription ended.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator(CancellationToken.None);
        try
        {
            while (request.Count is not { } count || _taken < count)
            {
                if (!await NextAsync(messages, cancellationToken)) break;
                await CheckAsync(messages.Current);
                sink.Add(messages.Current);
                _taken++;
                if (sink.IsFull) await sink.FlushAsync();
            }

            await sink.FlushAsync();
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await sink.FlushAsync();
            return ExitCode.Interrupted;
        }
        catch (BrokenPipeException)
        {
            return ExitCode.Success;
        }
    }

    /// <summary>Steps to the next message; false when the wait for it was over and that is fine.</summary>
    private ValueTask<bool> NextAsync(IAsyncEnumerator<ReceivedMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<bool> next = messages.MoveNextAsync();
        return next.IsCompletedSuccessfully ? next : WaitAsync(next, cancellationToken);
    }

    private async ValueTask<bool> WaitAsync(ValueTask<bool> next, CancellationToken cancellationToken)
    {
        Task<bool> arrival = next.AsTask();
        await sink.FlushAsync();
        try
        {
            return await arrival.WaitAsync(request.Patience ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (TimeoutException) when (request.EndsWhenEmpty)
        {
            return false;
        }
        catch (TimeoutException)
        {
            string which = request.Count is { } count ? $"message {_taken + 1} of {count}" : $"message {_taken + 1}";
            throw new CliException(
                ExitCode.TimedOut, $"timed out waiting for {which} from {request.Topic}: none came within {Amounts.Duration(request.Patience!.Value)}",
                "Wait longer with --timeout, take what is there with --exit-when-empty, or wait for ever with --follow.");
        }
    }

    private async ValueTask CheckAsync(ReceivedMessage message)
    {
        if (request.Expected is not { } expected || message.Payload.Span.SequenceEqual(expected)) return;
        await sink.FlushAsync();
        throw new CliException(
            ExitCode.NotAsExpected,
            $"unexpected message {_taken + 1} from {request.Topic} (partition {message.Partition}, offset {message.Offset}): {Show(message.Payload.Span)} instead of {Show(expected)}",
            "The message was not acknowledged and stays in the queue.");
    }

    private static string Show(ReadOnlySpan<byte> payload)
    {
        string text = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, MostShownCharacters)]);
        return payload.Length > MostShownCharacters ? $"\"{text}...\" ({payload.Length} bytes)" : $"\"{text}\"";
    }
}
