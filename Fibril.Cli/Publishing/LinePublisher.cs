using Fibril.Client;

namespace Fibril.Cli.Publishing;

// One party does it all: reads, publishes, and collects outcomes whenever it would have to wait. So nothing is locked, the outcomes are
// collected in the order of the lines, and a slow input holds up neither the log of confirmed lines nor the news of a lost connection.
/// <summary>Publishes every line of an input as one message, with a bounded number of confirmations awaited.</summary>
internal sealed class LinePublisher
{
    private const int LinesBetweenLooks = 64;

    private readonly LineReader _reader;
    private readonly bool _readBlocksBriefly;
    private readonly FibrilClient _client;
    private readonly Publisher _publisher;
    private readonly MessageProperties _properties;
    private readonly InFlight? _inFlight;
    private readonly ConfirmedLog? _log;
    private readonly long _skip;
    private long _nextOutcome;

    /// <param name="input">Read from, not disposed.</param>
    /// <param name="client">Connected.</param>
    /// <param name="request">What else to do.</param>
    /// <param name="log">Where the numbers of confirmed lines go; null for nowhere.</param>
    public LinePublisher(Stream input, FibrilClient client, PublishRequest request, ConfirmedLog? log)
    {
        _reader = new LineReader(input, MessageInput.MostMessageBytes);
        _readBlocksBriefly = input.CanSeek;
        _client = client;
        _publisher = client.CreatePublisher(request.Topic, new PublisherOptions { Group = request.Group });
        _properties = request.CreateProperties();
        _inFlight = request.IsConfirmed ? new InFlight(request.InFlight) : null;
        _log = log;
        _skip = request.Skip;
        _nextOutcome = _skip + 1;
    }

    public PublishTally Tally { get; } = new();

    /// <summary>The first line that has to be sent again, or was not sent yet.</summary>
    public long ResumeLine => Tally.FirstUnconfirmedLine ?? (_skip + Tally.Sent + 1);

    /// <summary>Publishes until the input ends, something fails or the user has enough, and waits for all outcomes. The tally tells how it went.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var disconnected = CancellationTokenSource.CreateLinkedTokenSource(_client.Disconnected, cancellationToken);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = disconnected.Token.Register(stop.SetResult);
        await TryAsync(() => PublishAllAsync(stop.Task, cancellationToken), cancellationToken);
        do await TryAsync(CollectAllAsync, cancellationToken);
        while (_inFlight is { Count: > 0 }); // the log may have failed, but the outcomes say where to resume
    }

    private async Task TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Tally.IsInterrupted = true;
        }
        catch (Exception failure) when (failure is FibrilException or IOException or ArgumentException or CliException)
        {
            Tally.Failure ??= failure;
        }
    }

    private async Task PublishAllAsync(Task stop, CancellationToken cancellationToken)
    {
        while (Tally.Failure is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_inFlight is { IsFull: true }) await MakeRoomAsync();
            if (!_reader.TryRead(out ReadOnlySpan<byte> line))
            {
                if (!await ReadMoreAsync(stop, cancellationToken)) break;
                continue;
            }

            if (++Tally.Read <= _skip) continue;
            if (_inFlight is null)
            {
                ValueTask sent = _publisher.SendAsync(line, _properties, cancellationToken);
                if (!sent.IsCompletedSuccessfully) await sent;
            }
            else
            {
                ValueTask<PublishConfirmation> begun = _publisher.BeginPublishAsync(line, _properties, cancellationToken);
                _inFlight.Add(begun.IsCompletedSuccessfully ? begun.Result : await begun);
            }

            if (++Tally.Sent % LinesBetweenLooks == 0) Collect();
        }
    }

    private async Task MakeRoomAsync()
    {
        await _inFlight!.WhenOldestHasOutcome().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Collect();
    }

    /// <summary>False at the end of the input.</summary>
    private async ValueTask<bool> ReadMoreAsync(Task stop, CancellationToken cancellationToken)
    {
        if (_readBlocksBriefly)
        {
            bool hasMore = _reader.Fill();
            Tally.BytesRead = _reader.BytesRead;
            return hasMore;
        }

        if (_reader.BeginFill() is not { } read) return false;
        while (!read.IsCompleted) await WaitAsync(read, stop, cancellationToken);
        _reader.EndFill(await read);
        Tally.BytesRead = _reader.BytesRead;
        return true;
    }

    /// <summary>Waits for input, and meanwhile for outcomes and the end.</summary>
    private async ValueTask WaitAsync(Task<int> read, Task stop, CancellationToken cancellationToken)
    {
        if (_inFlight is { Count: > 0 }) await Task.WhenAny(read, stop, _inFlight.WhenOldestHasOutcome());
        else await Task.WhenAny(read, stop);
        cancellationToken.ThrowIfCancellationRequested(); // and leave the read alone: nothing can end it but its writer
        Collect();
        if (Tally.Failure is { } failure) throw failure;
        if (stop.IsCompleted) throw _client.DisconnectReason!;
    }

    private async Task CollectAllAsync()
    {
        if (_inFlight is null)
        {
            if (Tally.Failure is null) await _client.PingAsync(); // its answer comes after everything that was sent, and so do errors
            return;
        }

        while (_inFlight.Count > 0) await MakeRoomAsync();
    }

    private void Collect()
    {
        while (_inFlight is { HasOutcome: true }) Note(_inFlight.Take());
        _log?.Flush();
    }

    private void Note(Exception? failure)
    {
        long line = _nextOutcome++;
        if (failure is null)
        {
            Tally.Confirmed++;
            _log?.Add(line);
            return;
        }

        if (failure is FibrilServerException or FibrilRedirectException) Tally.Refused++;
        else Tally.Unknown++;
        Tally.FirstUnconfirmedLine ??= line;
        Tally.Failure ??= failure;
    }
}
