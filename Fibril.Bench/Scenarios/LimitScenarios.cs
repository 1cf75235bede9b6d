using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using HdrHistogram;

namespace Fibril.Bench.Scenarios;

/// <summary>What the machine itself can do, to be read beside the broker's numbers.</summary>
internal static class LimitScenarios
{
    /// <summary>Synced writes into reserved space, one after the other, small and large.</summary>
    public static Task<BenchResult> DiskAsync(BenchOptions options) => Task.Run(() =>
    {
        var metrics = new Dictionary<string, double>();
        Directory.CreateDirectory(options.DataDirectory);
        string path = Path.Combine(options.DataDirectory, $"disk-{Environment.ProcessId}");
        try
        {
            LongHistogram small = Latencies.NewHistogram();
            metrics["1 KiB synced writes /s"] = SyncedWrites(path, 1024, 3000, small);
            small.AddPercentiles(metrics, "1 KiB write + fdatasync");
            metrics["64 KiB synced MB/s"] = SyncedWrites(path, 64 << 10, 1500, null) * (64 << 10) / 1e6;
            metrics["512 KiB synced MB/s"] = SyncedWrites(path, 512 << 10, 500, null) * (512 << 10) / 1e6;
            return new BenchResult("raw disk", new Dictionary<string, string>(), metrics) { Latency = small };
        }
        finally
        {
            File.Delete(path);
        }
    });

    /// <summary>A ping-pong of 1 KiB over loopback, and the rate of a one-way stream.</summary>
    public static async Task<BenchResult> LoopbackAsync(BenchOptions options)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Task<Socket> accepted = listener.AcceptSocketAsync();
        await near.ConnectAsync(listener.LocalEndpoint);
        using Socket far = await accepted;
        far.NoDelay = true;

        LongHistogram roundTrips = Latencies.NewHistogram();
        await Task.WhenAll(Task.Run(() => Echo(far, 1024, 20_000)), Task.Run(() => PingPong(near, 1024, 20_000, roundTrips)));
        var metrics = new Dictionary<string, double> { ["stream MB/s"] = await StreamAsync(near, far) };
        roundTrips.AddPercentiles(metrics, "round trip");
        return new BenchResult("loopback", new Dictionary<string, string>(), metrics) { Latency = roundTrips };
    }

    private static double SyncedWrites(string path, int bytes, int count, LongHistogram? latency)
    {
        File.Delete(path);
        using IStorageFile file = new PhysicalFileSystem().Create(path);
        file.Reserve((long)bytes * count);
        file.Sync();
        byte[] data = new byte[bytes];
        Random.Shared.NextBytes(data);
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            long at = Stopwatch.GetTimestamp();
            file.Write(data, (long)i * bytes);
            file.Sync();
            latency?.Note(Stopwatch.GetElapsedTime(at));
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Echo(Socket socket, int bytes, int count)
    {
        byte[] buffer = new byte[bytes];
        for (int i = 0; i < count; i++)
        {
            ReceiveAll(socket, buffer);
            socket.Send(buffer);
        }
    }

    private static void PingPong(Socket socket, int bytes, int count, LongHistogram latency)
    {
        byte[] buffer = new byte[bytes];
        for (int i = 0; i < count; i++)
        {
            long at = Stopwatch.GetTimestamp();
            socket.Send(buffer);
            ReceiveAll(socket, buffer);
            latency.Note(Stopwatch.GetElapsedTime(at));
        }
    }

    private static async Task<double> StreamAsync(Socket near, Socket far)
    {
        const int ChunkBytes = 64 << 10;
        const int Chunks = 40_000;
        long started = Stopwatch.GetTimestamp();
        Task send = Task.Run(() =>
        {
            byte[] chunk = new byte[ChunkBytes];
            for (int i = 0; i < Chunks; i++) near.Send(chunk);
        });
        Task receive = Task.Run(() =>
        {
            byte[] buffer = new byte[ChunkBytes];
            for (long rest = (long)ChunkBytes * Chunks; rest > 0;) rest -= far.Receive(buffer);
        });
        await Task.WhenAll(send, receive);
        return (double)ChunkBytes * Chunks / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void ReceiveAll(Socket socket, Span<byte> buffer)
    {
        while (!buffer.IsEmpty) buffer = buffer[socket.Receive(buffer)..];
    }
}
