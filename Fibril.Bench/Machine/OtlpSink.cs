using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fibril.Bench.Machine;

/// <summary>Takes what brokers export by OTLP over HTTP, and throws it away.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;
    private long _bytes;

    public OtlpSink()
    {
        Endpoint = $"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}/";
        _listener.Prefixes.Add(Endpoint);
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    /// <summary>Where to export to.</summary>
    public string Endpoint { get; }

    /// <summary>Bytes that came in so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The variables that make a broker export here, metrics every ten seconds: six times as often as usual.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "10000",
    };

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[64 << 10];
        while (_listener.IsListening)
        {
            HttpListenerContext request = await _listener.GetContextAsync();
            while (await request.Request.InputStream.ReadAsync(buffer) is > 0 and int read) Interlocked.Add(ref _bytes, read);
            request.Response.ContentType = "application/x-protobuf";
            request.Response.Close();
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
