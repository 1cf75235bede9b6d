using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Fibril.Bench.Machine;

/// <summary>The broker as a process of its own, on free ports and a directory of its own.</summary>
internal sealed partial class BrokerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http = new();
    private readonly string _server;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process _process;
    private string _admin = "";

    private BrokerUnderTest(string dataDirectory, string server, IReadOnlyDictionary<string, string> environment)
    {
        DataDirectory = dataDirectory;
        _server = server;
        _environment = environment;
        _process = new Process();
    }

    public string DataDirectory { get; }

    /// <summary>host:port for clients.</summary>
    public string Address { get; private set; } = "";

    /// <summary>From the start of the process until it said that it is ready.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Starts a broker on a fresh directory below <paramref name="root"/>.</summary>
    public static Task<BrokerUnderTest> StartAsync(string root) => StartAsync(new BenchOptions { DataDirectory = root });

    /// <summary>Starts a broker on a fresh directory, the program and with the variables that were asked for.</summary>
    public static async Task<BrokerUnderTest> StartAsync(BenchOptions options)
    {
        string directory = Path.Combine(options.DataDirectory, $"run-{Environment.ProcessId}-{Guid.NewGuid():N}");
        var broker = new BrokerUnderTest(directory, options.Server ?? Path.Combine(AppContext.BaseDirectory, "fibril-server.dll"), options.BrokerEnvironment);
        await broker.LaunchAsync();
        return broker;
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long ResidentBytes => ReadStatus("VmRSS");

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What the broker says of itself.</summary>
    public async Task<BrokerStatus> StatusAsync() => (await _http.GetFromJsonAsync<BrokerStatus>($"{_admin}/statusz"))!;

    /// <summary>Asks the admin listener for a path.</summary>
    /// <returns>Bytes of the answer.</returns>
    public async Task<int> AskAsync(string path) => (await _http.GetByteArrayAsync(_admin + path)).Length;

    /// <summary>Ends the process without warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop and waits for it.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts again on the same directory, after a kill or a stop.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        await LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        _http.Dispose();
        if (Directory.Exists(DataDirectory)) Directory.Delete(DataDirectory, recursive: true);
    }

    private async Task LaunchAsync()
    {
        var start = new ProcessStartInfo("dotnet", [_server, "--data-dir", DataDirectory, "--broker-bind", "127.0.0.1:0", "--admin-bind", "127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in _environment) start.Environment[name] = value;
        long started = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } ready) continue;
            StartTime = Stopwatch.GetElapsedTime(started);
            Address = ready.Groups["broker"].Value;
            _admin = ready.Groups["admin"].Value;
            DrainOutput();
            return;
        }

        throw new InvalidOperationException($"The broker did not start: {await _process.StandardError.ReadToEndAsync(timeout.Token)}");
    }

    /// <summary>Keeps the pipes of the process empty, and shows what it complains about.</summary>
    private void DrainOutput()
    {
        Process process = _process;
        _ = Task.Run(async () => await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null));
        _ = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync() is { } line) Console.Error.WriteLine($"broker: {line}");
        });
    }

    private long ReadStatus(string field)
    {
        foreach (string line in File.ReadLines($"/proc/{_process.Id}/status"))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        }

        return 0;
    }

    [GeneratedRegex(@"clients on (?<broker>\S+), admin on (?<admin>http\S+),")]
    private static partial Regex ReadyLine();
}

/// <summary>The parts of the broker's status that the bench needs.</summary>
internal sealed record BrokerStatus(
    [property: JsonPropertyName("allocated_bytes")] long AllocatedBytes,
    [property: JsonPropertyName("gc_collections")] int[] Collections,
    [property: JsonPropertyName("heap_bytes")] long HeapBytes);
