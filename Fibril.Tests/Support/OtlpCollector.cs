using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fibril.Tests.Support;

/// <summary>Takes what a process exports by OTLP over HTTP, and looks for names in it: text stands in the messages as it is.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, string Body)> _exported = [];
    private readonly Task _loop;

    public OtlpCollector()
    {
        Endpoint = $"http://127.0.0.1:{FreePort()}/";
        _listener.Prefixes.Add(Endpoint);
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    public string Endpoint { get; }

    /// <summary>True when something with this text was exported to this path.</summary>
    public bool Has(string path, string text) =>
        _exported.Any(exported => exported.Path == path && exported.Body.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext request = await _listener.GetContextAsync();
            using var body = new MemoryStream();
            await request.Request.InputStream.CopyToAsync(body);
            _exported.Enqueue((request.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray())));
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
