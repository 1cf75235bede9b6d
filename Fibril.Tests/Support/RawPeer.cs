using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Channels;
using Fibril.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Tests.Support;

// What arrives is read in the background, as a kernel would, and checked against the rules that hold on every connection: header
// version and flags, the counter of pushes, no delivery outside a live subscription. Every wait has a deadline, so that a broker that
// hangs fails a test instead of stopping the run.

/// <summary>The other end of one connection: sends and expects single frames, and knows nothing a client library would hide.</summary>
internal sealed partial class RawPeer : IAsyncDisposable
{
    private const ulong FirstPingId = 1UL << 40;

    private static readonly TimeSpan ClosingStep = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(3);

    private readonly SessionHarness _harness;
    private readonly PipeConnection _connection;
    private readonly Task _served;
    private readonly Task _pump;
    private readonly Channel<ReceivedFrame> _received = Channel.CreateUnbounded<ReceivedFrame>();
    private readonly MemoryStream _transcript = new();
    private readonly HashSet<ulong> _givenSubscriptions = [];
    private readonly HashSet<ulong> _liveSubscriptions = [];
    private volatile TaskCompletionSource _mayRead = new();
    private ulong _expectedPushId;
    private ulong _nextRequestId = 10;
    private ulong _nextPingId = FirstPingId;
    private bool _isAuthenticated;

    public RawPeer(SessionHarness harness, PipeConnection connection, Task served)
    {
        _harness = harness;
        _connection = connection;
        _served = served;
        _mayRead.SetResult();
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Everything received so far.</summary>
    public byte[] Transcript
    {
        get
        {
            lock (_transcript) return _transcript.ToArray();
        }
    }

    /// <summary>Bytes received so far.</summary>
    public long ReceivedBytes
    {
        get
        {
            lock (_transcript) return _transcript.Length;
        }
    }

    /// <summary>Bytes that the broker has written to this connection, received or not.</summary>
    public long WrittenByBrokerBytes => _connection.WrittenBytes;

    /// <summary>Most bytes that the broker has sent in one piece.</summary>
    public long LargestFlushBytes => _connection.LargestFlushBytes;

    /// <summary>True when the broker has cut the connection.</summary>
    public bool IsCut => _connection.Aborted.IsCompleted;

    /// <summary>Completes when the broker has handled everything that was sent, for requests that have no answer.</summary>
    public async Task WhenReadByBrokerAsync()
    {
        long started = Stopwatch.GetTimestamp();
        for (int looks = 0; !_connection.IsReadByBroker; looks++)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience.Limit) Assert.Fail("The broker does not read.");
            if (looks < 100) await Task.Yield();
            else await Task.Delay(1);
        }
    }

    /// <summary>Completes when the broker has been given everything that was sent, whether or not it has handled it.</summary>
    public Task WhenReceivedByBrokerAsync() => Patience.Until(() => _connection.IsReceivedByBroker);

    /// <summary>Takes nothing more from the socket, as a client does whose application is slow.</summary>
    public void StopReading()
    {
        _mayRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connection.FromBroker.CancelPendingRead();
    }

    /// <summary>Makes everything fail that the broker sends from now on, as a network does that gives up.</summary>
    public void BreakSending(Exception failure)
    {
        StopReading();
        _connection.BreakSending(failure);
    }

    public void ResumeReading() => _mayRead.TrySetResult();

    /// <summary>This peer knows a subscription from an earlier connection of its session.</summary>
    public void Inherit(SubscribeOkMessage subscription) => _liveSubscriptions.Add(subscription.SubscriptionId);

    /// <summary>The next frame, whatever it is.</summary>
    public async Task<ReceivedFrame> ReadAsync(string awaited)
    {
        try
        {
            return await Patience.Wait(_received.Reader.ReadAsync());
        }
        catch (Exception missing) when (missing is TimeoutException or ChannelClosedException)
        {
            string how = _connection.Aborted.IsCompleted ? "The connection was cut." : "The connection was closed.";
            string what = missing is TimeoutException ? "Nothing came." : $"{how} {missing.InnerException?.Message}";
            throw new InvalidOperationException($"Expected {awaited}. {what}\nLog of the broker:\n{_harness.Log}", missing);
        }
    }

    /// <summary>The next frame, which is this message with this request id.</summary>
    public async Task<T> ExpectAsync<T>(ulong requestId) where T : IWireMessage<T>
    {
        ReceivedFrame frame = await ReadAsync($"{T.OpCode} id {requestId}");
        if (frame.OpCode != T.OpCode || frame.RequestId != requestId) Assert.Fail($"Expected {T.OpCode} id {requestId}, got {frame}");
        return frame.Read<T>();
    }

    /// <summary>The next frame, which is an error with this request id and code.</summary>
    public async Task<string> ExpectErrorAsync(ulong requestId, ErrorCode code, OpCode opCode = OpCode.Error)
    {
        ReceivedFrame frame = await ReadAsync($"{opCode} {(int)code} id {requestId}");
        if (frame.OpCode != opCode || frame.RequestId != requestId) Assert.Fail($"Expected {opCode} id {requestId}, got {frame}");
        ErrorMessage error = frame.ReadError();
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Message);
        return error.Message;
    }

    /// <summary>The next frame, which is this push.</summary>
    public async Task<T> ExpectPushAsync<T>() where T : IWireMessage<T>
    {
        ReceivedFrame frame = await ReadAsync($"{T.OpCode}");
        if (frame.OpCode != T.OpCode) Assert.Fail($"Expected {T.OpCode}, got {frame}");
        return frame.Read<T>();
    }

    public async Task<ReceivedDelivery> ExpectDeliveryAsync()
    {
        ReceivedFrame frame = await ReadAsync("a delivery");
        if (frame.OpCode != OpCode.Deliver) Assert.Fail($"Expected a delivery, got {frame}");
        return ReceivedDelivery.From(frame);
    }

    public async Task<ReceivedDelivery[]> ExpectDeliveriesAsync(int count)
    {
        var deliveries = new ReceivedDelivery[count];
        for (int i = 0; i < count; i++) deliveries[i] = await ExpectDeliveryAsync();
        return deliveries;
    }

    /// <summary>Every delivery that comes until the broker has no more for this peer.</summary>
    public async Task<List<ReceivedDelivery>> DrainDeliveriesAsync()
    {
        var all = new List<ReceivedDelivery>();
        for (int before = -1; before != all.Count;)
        {
            before = all.Count;
            await _harness.WhenIdleAsync();
            ulong id = _nextPingId++;
            await SendAsync(id, default(PingMessage));
            ReceivedFrame frame;
            while ((frame = await ReadAsync("a delivery or a PONG")).OpCode == OpCode.Deliver) all.Add(ReceivedDelivery.From(frame));
            if (frame.OpCode != OpCode.Pong || frame.RequestId != id) Assert.Fail($"Expected a delivery or PONG id {id}, got {frame}");
        }

        return all;
    }

    /// <summary>Takes whatever has been pushed, until the broker has nothing more to do.</summary>
    public async Task WhenQuietAsync()
    {
        await _harness.WhenIdleAsync();
        await PingUntilAnsweredAsync();
        _assignments.Clear();
    }

    /// <summary>A PING is answered before anything else comes, also after the broker has finished everything it had to do.</summary>
    public async Task ExpectSilenceAsync()
    {
        await PingAsync();
        await _harness.WhenIdleAsync();
        await PingAsync();
    }

    /// <summary>Sends a PING; its PONG is the next frame.</summary>
    public async Task PingAsync()
    {
        ulong id = _nextPingId++;
        await SendAsync(id, default(PingMessage));
        await ExpectAsync<PongMessage>(id);
    }

    /// <summary>The broker ends the connection by itself and in order: nothing more comes, and nothing that was sent is lost.</summary>
    public async Task ExpectClosedAsync()
    {
        // The broker may give the peer a moment to close first; only that much time passes here.
        for (TimeSpan waited = TimeSpan.Zero; waited < LongestClosing && !_pump.IsCompleted; waited += ClosingStep)
        {
            await Task.WhenAny(_pump, Task.Delay(TimeSpan.FromMilliseconds(20)));
            _harness.Time.Advance(ClosingStep);
        }

        await ExpectEndAsync();
        Assert.False(_connection.Aborted.IsCompleted, $"The connection was cut instead of closed.\n{_harness.Log}");
        Assert.False(_connection.WasReset, "The connection was closed with unread input: the reset can destroy the last answer.");
    }

    /// <summary>The broker ends the connection without a word, and need not be gentle about it.</summary>
    public Task ExpectDroppedAsync() => ExpectEndAsync();

    /// <summary>The broker cuts the connection: nothing more comes, other than PINGs from the time before.</summary>
    public async Task ExpectCutAsync()
    {
        await ExpectEndAsync(OpCode.Ping);
        Assert.True(_connection.Aborted.IsCompleted, "The connection was closed instead of cut.");
    }

    /// <summary>Ends the connection as a client does that is done, or dies, and waits until the broker has taken leave of it.</summary>
    public async Task CloseAsync()
    {
        _connection.CloseByPeer();
        await Patience.Wait(_served);
    }

    /// <summary>Sends nothing more, and goes on reading.</summary>
    public void CloseSending() => _connection.CloseByPeer();

    /// <summary>Sends a PING and passes over everything until its PONG.</summary>
    public async Task PingUntilAnsweredAsync()
    {
        ulong id = _nextPingId++;
        await SendAsync(id, default(PingMessage));
        ReceivedFrame frame;
        do frame = await ReadAsync("a PONG");
        while (frame.OpCode != OpCode.Pong || frame.RequestId != id);
    }

    /// <summary>Ends the connection by a reset, or by another failure of the network.</summary>
    public async Task ResetAsync(Exception? failure = null)
    {
        _connection.CloseByPeer(failure ?? new ConnectionResetException("Connection reset by peer"));
        await Patience.Wait(_served);
    }

    /// <summary>Completes when the connection has ended, whoever ended it.</summary>
    public Task WhenEndedAsync() => Patience.Wait(_pump);

    public async ValueTask DisposeAsync()
    {
        _connection.Abort(new ConnectionAbortedException("The test is over."));
        ResumeReading();
        await Patience.Wait(Task.WhenAll(_served, _pump)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ExpectEndAsync(OpCode? allowed = null)
    {
        await Patience.Wait(_pump);
        while (_received.Reader.TryRead(out ReceivedFrame? frame))
        {
            if (frame.OpCode != allowed) Assert.Fail($"Expected the end of the connection, got {frame}");
        }

        await _received.Reader.Completion;
        await Patience.Wait(_served);
    }

    private async Task PumpAsync()
    {
        Exception? fault = null;
        var pending = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                await Task.WhenAny(_mayRead.Task, _connection.Gone);
                Task<ReadResult> reading = _connection.FromBroker.ReadAsync().AsTask();
                if (await Task.WhenAny(reading, _connection.Gone) != reading) _connection.FromBroker.CancelPendingRead();
                ReadResult result = await reading;
                if (_connection.Gone.IsCompleted) break;
                if (result.IsCanceled)
                {
                    _connection.FromBroker.AdvanceTo(result.Buffer.Start);
                    continue;
                }

                foreach (ReadOnlyMemory<byte> piece in result.Buffer) pending.Write(piece.Span);
                Note(result.Buffer);
                _connection.FromBroker.AdvanceTo(result.Buffer.End);
                pending = TakeFrames(pending);
                if (result.IsCompleted) break;
            }

            if (pending.WrittenCount > 0 && !_connection.Gone.IsCompleted)
                fault = new InvalidOperationException($"The broker ended the connection inside a frame: {Hex.Text(pending.WrittenSpan)}");
        }
        catch (Exception broken)
        {
            fault = broken;
        }

        await _connection.FromBroker.CompleteAsync();
        _received.Writer.Complete(fault);
    }

    private void Note(in ReadOnlySequence<byte> bytes)
    {
        lock (_transcript)
        {
            foreach (ReadOnlyMemory<byte> piece in bytes) _transcript.Write(piece.Span);
        }
    }

    private ArrayBufferWriter<byte> TakeFrames(ArrayBufferWriter<byte> pending)
    {
        ReadOnlySpan<byte> rest = pending.WrittenSpan;
        while (FrameHeader.TryRead(rest, out FrameHeader header) && rest.Length >= FrameHeader.Size + (int)header.BodyBytes)
        {
            Assert.True(rest[4..6].SequenceEqual("\0\u0001"u8), "FRM-8: the header version is not 1.");
            Assert.True(rest[8..12].SequenceEqual("\0\0\0\0"u8), "FRM-8: the flags are not 0.");
            var frame = new ReceivedFrame(header, rest.Slice(FrameHeader.Size, (int)header.BodyBytes).ToArray());
            rest = rest[(FrameHeader.Size + (int)header.BodyBytes)..];
            Check(frame);
            _received.Writer.TryWrite(frame);
        }

        if (rest.Length == pending.WrittenCount) return pending;
        var kept = new ArrayBufferWriter<byte>(Math.Max(256, rest.Length));
        kept.Write(rest);
        return kept;
    }

    /// <summary>The rules of every connection.</summary>
    private void Check(ReceivedFrame frame)
    {
        if (frame.IsPush)
        {
            if (!_isAuthenticated) Assert.Fail($"X-1: a push before authentication: {frame}");
            if (frame.RequestId != _expectedPushId++) Assert.Fail($"FRM-10: push {_expectedPushId - 1} was due: {frame}");
        }

        switch (frame.OpCode)
        {
            case OpCode.AuthOk:
                _isAuthenticated = true;
                break;
            case OpCode.SubscribeOk:
                ulong added = frame.Read<SubscribeOkMessage>().SubscriptionId;
                if (added == 0 || !_givenSubscriptions.Add(added)) Assert.Fail($"X-3: sub id {added} is 0 or was given before.");
                _liveSubscriptions.Add(added);
                break;
            case OpCode.ReconcileResult:
                foreach (ReconcileVerdict verdict in frame.Read<ReconcileResultMessage>().Verdicts)
                {
                    if (verdict is not { Action: ReconcileAction.Keep, Server: { } kept }) continue;
                    _givenSubscriptions.Add(kept.SubscriptionId);
                    _liveSubscriptions.Add(kept.SubscriptionId);
                }

                break;
            case OpCode.SubscriptionClosed:
                ulong closed = frame.Read<SubscriptionClosedMessage>().SubscriptionId;
                if (!_liveSubscriptions.Remove(closed)) Assert.Fail($"Subscription {closed} was closed and did not exist.");
                break;
            case OpCode.Deliver:
                ulong subscription = ReceivedDelivery.From(frame).SubscriptionId;
                if (!_liveSubscriptions.Contains(subscription))
                    Assert.Fail($"FRM-17, X-2: a delivery outside the life of subscription {subscription}: {frame}");
                break;
        }
    }
}
