using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fibril.Bench.Reports;
using Fibril.Protocol;
using HdrHistogram;

namespace Fibril.Bench.Load;

/// <summary>Many raw connections that read one partition of a stream and do little more than count: on the machine of the broker, a client library would be measured with it.</summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private readonly Reader[] _readers;
    private readonly Task[] _loops;

    private StreamReaders(Reader[] readers)
    {
        _readers = readers;
        _loops = [.. readers.Select(static reader => Task.Factory.StartNew(
            reader.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>Records received so far, by all readers together.</summary>
    public long Received => _readers.Sum(static reader => reader.Received);

    /// <summary>Records that did not come in their place: left out, or again.</summary>
    public long OutOfPlace => _readers.Sum(static reader => reader.OutOfPlace);

    /// <summary>Deliveries due at or after this are timed; a timestamp.</summary>
    public long MeasureFrom { get; set; } = long.MaxValue;

    /// <summary>From when a record was due until the first reader had it, and likewise for all others.</summary>
    public LongHistogram Latency
    {
        get
        {
            LongHistogram all = Latencies.NewHistogram();
            foreach (Reader reader in _readers) all.Add(reader.Latency);
            return all;
        }
    }

    /// <summary>Connects readers, each of which starts with the records that come from now on.</summary>
    public static StreamReaders Start(string address, string topic, int count)
    {
        IPEndPoint broker = IPEndPoint.Parse(address);
        var readers = new Reader[count];
        for (int i = 0; i < count; i++) readers[i] = new Reader(Connect(broker, topic), topic);
        var all = new StreamReaders(readers);
        foreach (Reader reader in readers) reader.Owner = all;
        return all;
    }

    /// <summary>Completes when every reader has had so many records.</summary>
    public async Task WaitForAsync(long records)
    {
        while (_readers.Any(reader => reader.Received < records)) await Task.Delay(5);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Reader reader in _readers) reader.Close();
        await Task.WhenAll(_loops);
    }

    private static Socket Connect(IPEndPoint broker, string topic)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(broker);
        Ask(socket, 1, new HelloMessage("fibril-bench", "", FrameHeader.ProtocolVersion, null), OpCode.HelloOk);
        Ask(socket, 2, new AuthMessage("fibril", "fibril"), OpCode.AuthOk);
        Ask(socket, 3, new SubscribeStreamMessage(topic, 0, null, StreamStart.Latest, [], 1024, false), OpCode.SubscribeOk);
        return socket;
    }

    private static void Ask<T>(Socket socket, ulong id, T message, OpCode expected) where T : IWireMessage<T>
    {
        var frame = new byte[Frame.Measure(in message)];
        Frame.Write(frame, id, in message);
        socket.Send(frame);
        var header = new byte[FrameHeader.Size];
        ReceiveAll(socket, header);
        FrameHeader.TryRead(header, out FrameHeader read);
        var body = new byte[read.BodyBytes];
        ReceiveAll(socket, body);
        if (read.OpCode != expected) throw new InvalidOperationException($"The broker answered {read.OpCode} where {expected} was expected.");
    }

    private static void ReceiveAll(Socket socket, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = socket.Receive(buffer);
            if (read == 0) throw new IOException("The broker closed the connection.");
            buffer = buffer[read..];
        }
    }

    /// <summary>One connection.</summary>
    private sealed class Reader(Socket socket, string topic)
    {
        private readonly byte[] _pong = MakePong();

        // Behind the header: magic, subscription, topic, no group, partition.
        private readonly int _offsetAt = FrameHeader.Size + 4 + 8 + 4 + topic.Length + 1 + 4;
        private byte[] _buffer = new byte[256 << 10];
        private long _received;
        private long _next = -1;

        public StreamReaders Owner { get; set; } = null!;

        public long Received => Volatile.Read(ref _received);

        public long OutOfPlace { get; private set; }

        public LongHistogram Latency { get; } = Latencies.NewHistogram();

        public void Run()
        {
            int held = 0;
            try
            {
                while (socket.Receive(_buffer.AsSpan(held)) is var read && read > 0)
                {
                    held += read;
                    int taken = Take(_buffer.AsSpan(0, held));
                    _buffer.AsSpan(taken, held - taken).CopyTo(_buffer);
                    held -= taken;
                    if (held == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
                }
            }
            catch (SocketException)
            {
                // The run is over.
            }
        }

        public void Close() => socket.Dispose();

        private int Take(ReadOnlySpan<byte> bytes)
        {
            int position = 0;
            long received = _received;
            while (FrameHeader.TryRead(bytes[position..], out FrameHeader header) && bytes.Length - position >= FrameHeader.Size + header.BodyBytes)
            {
                ReadOnlySpan<byte> frame = bytes.Slice(position, FrameHeader.Size + (int)header.BodyBytes);
                if (header.OpCode == OpCode.Deliver) received += Note(frame);
                else if (header.OpCode == OpCode.Ping) SendPong(header.RequestId);
                position += frame.Length;
            }

            Volatile.Write(ref _received, received);
            return position;
        }

        private int Note(ReadOnlySpan<byte> frame)
        {
            long offset = BinaryPrimitives.ReadInt64BigEndian(frame[_offsetAt..]);
            if (_next >= 0 && offset != _next) OutOfPlace++;
            _next = offset + 1;
            if (Owner.MeasureFrom == long.MaxValue) return 1;
            Frame.TryRead(frame[FrameHeader.Size..], out DeliverMessage message, out _);
            long due = Numbered.Read(message.Payload).Timestamp;
            if (due >= Owner.MeasureFrom) Latency.Note(Stopwatch.GetElapsedTime(due));
            return 1;
        }

        private void SendPong(ulong id)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_pong.AsSpan(12), id);
            socket.Send(_pong);
        }

        private static byte[] MakePong()
        {
            var frame = new byte[FrameHeader.Size];
            Frame.Write(frame, 0, default(PongMessage));
            return frame;
        }
    }
}
