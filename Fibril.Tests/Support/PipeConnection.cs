using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Fibril.Broker.Sessions.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Fibril.Tests.Support;

/// <summary>Stands in for an accepted socket: two pipes in memory, with the limits that the broker's transport sets.</summary>
/// <remarks>The broker has <see cref="Transport"/>; the test has <see cref="FromBroker"/> and <see cref="SendAsync"/>.</remarks>
internal sealed class PipeConnection : ConnectionContext
{
    private const int ReceiveBufferBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Pipe _toBroker;
    private readonly Pipe _toPeer;
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WatchedReader _read;
    private readonly WatchedWriter _written;
    private readonly CancellationTokenSource _closed = new();
    private long _sentBytes;
    private bool _isClosedByPeer;

    /// <param name="remote">The peer's address.</param>
    /// <param name="receiveBlockBytes">Size of the blocks the broker gets what it receives in; null for the usual 4 KiB.</param>
    public PipeConnection(EndPoint remote, int? receiveBlockBytes)
    {
        MemoryPool<byte> blocks = receiveBlockBytes is { } bytes ? new SmallBlockPool(bytes) : MemoryPool<byte>.Shared;
        _toBroker = new Pipe(new PipeOptions(
            blocks, PipeScheduler.ThreadPool, PipeScheduler.ThreadPool, ReceiveBufferBytes, ReceiveBufferBytes / 2,
            minimumSegmentSize: receiveBlockBytes ?? -1, useSynchronizationContext: false));

        // As with a write buffer of one byte: a flush completes when the other side took the bytes.
        _toPeer = new Pipe(new PipeOptions(
            new BlockMemoryPool(), PipeScheduler.ThreadPool, PipeScheduler.Inline, pauseWriterThreshold: 1, resumeWriterThreshold: 1,
            useSynchronizationContext: false));
        RemoteEndPoint = remote;
        _read = new WatchedReader(_toBroker.Reader);
        _written = new WatchedWriter(_toPeer.Writer);
        Transport = new Sides(_read, _written);
        ConnectionClosed = _closed.Token;
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString();

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    /// <summary>What the broker sends.</summary>
    public PipeReader FromBroker => _toPeer.Reader;

    /// <summary>Bytes the broker has written, sent or not.</summary>
    public long WrittenBytes => _written.Bytes;

    /// <summary>Most bytes the broker has sent in one piece.</summary>
    public long LargestFlushBytes => _written.LargestFlushBytes;

    /// <summary>True when the broker has handled every byte that was sent.</summary>
    public bool IsReadByBroker
    {
        get
        {
            lock (_gate) return _read.ExaminedBytes >= _sentBytes;
        }
    }

    /// <summary>True when the broker was given every byte that was sent.</summary>
    public bool IsReceivedByBroker
    {
        get
        {
            lock (_gate) return _read.ReceivedBytes >= _sentBytes;
        }
    }

    /// <summary>Completes when the broker cut the connection instead of closing it.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>Completes when the connection was cut or reset: nothing passes any more, in neither direction.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Sends bytes to the broker; false when the connection is gone. Completes when the broker has room for more.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            if (_isClosedByPeer || _aborted.Task.IsCompleted) return false;
            _sentBytes += bytes.Length;
            flush = _toBroker.Writer.WriteAsync(bytes);
        }

        return !(await flush).IsCompleted;
    }

    /// <summary>Ends the peer's direction: a close, or a reset when there is a reason. The transport then says that the connection is closed.</summary>
    public void CloseByPeer(Exception? reason = null)
    {
        lock (_gate)
        {
            if (_isClosedByPeer || _aborted.Task.IsCompleted) return;
            _isClosedByPeer = true;
            _toBroker.Writer.Complete(reason);
            if (reason is not null) _gone.TrySetResult();
        }

        _ = _closed.CancelAsync();
    }

    /// <summary>Makes everything fail that the broker sends from now on.</summary>
    public void BreakSending(Exception reason) => _toPeer.Reader.Complete(reason);

    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (_gate)
        {
            if (!_aborted.TrySetResult()) return;
            _gone.TrySetResult();
            if (!_isClosedByPeer) _toBroker.Writer.Complete(abortReason);
        }

        _ = _closed.CancelAsync();
    }

    /// <summary>
    /// True when the broker closed with bytes of the peer unread. A socket then sends a reset, which can overtake and destroy the last
    /// thing the broker said.
    /// </summary>
    public bool WasReset { get; private set; }

    /// <summary>What the transport does when the connection's handler has returned.</summary>
    public void CloseByBroker()
    {
        WasReset = HasUnreadInput();
        Transport.Input.Complete();
        Transport.Output.Complete();
    }

    private bool HasUnreadInput()
    {
        try
        {
            return Transport.Input.TryRead(out ReadResult rest) && !rest.Buffer.IsEmpty;
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
        {
            return false; // the peer is gone
        }
        catch (InvalidOperationException)
        {
            return true; // the last read was never given back
        }
    }

    private sealed record Sides(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Counts what the broker is done looking at.</summary>
    private sealed class WatchedReader(PipeReader inner) : PipeReader
    {
        private ReadOnlySequence<byte> _current;
        private long _consumedBytes;
        private long _examinedBytes;
        private long _receivedBytes;

        public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

        public long ExaminedBytes => Volatile.Read(ref _examinedBytes);

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult result = await inner.ReadAsync(cancellationToken);
            _current = result.Buffer;
            Volatile.Write(ref _receivedBytes, _consumedBytes + result.Buffer.Length);
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            if (!inner.TryRead(out result)) return false;
            _current = result.Buffer;
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            long examinedBytes = _consumedBytes + _current.Slice(0, examined).Length;
            _consumedBytes += _current.Slice(0, consumed).Length;
            _current = default;
            inner.AdvanceTo(consumed, examined);
            Volatile.Write(ref _examinedBytes, examinedBytes);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    /// <summary>Counts what the broker writes.</summary>
    private sealed class WatchedWriter(PipeWriter inner) : PipeWriter
    {
        private long _bytes;
        private long _flushedBytes;
        private long _largestFlushBytes;

        public long Bytes => Volatile.Read(ref _bytes);

        public long LargestFlushBytes => Volatile.Read(ref _largestFlushBytes);

        public override void Advance(int bytes)
        {
            inner.Advance(bytes);
            Volatile.Write(ref _bytes, _bytes + bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Volatile.Write(ref _largestFlushBytes, Math.Max(_largestFlushBytes, _bytes - _flushedBytes));
            _flushedBytes = _bytes;
            return inner.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class SmallBlockPool(int blockBytes) : MemoryPool<byte>
    {
        public override int MaxBufferSize => blockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block(new byte[blockBytes]);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed record Block(Memory<byte> Memory) : IMemoryOwner<byte>
        {
            public void Dispose()
            {
            }
        }
    }
}
