using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Fibril.Client;

namespace Fibril.Tests.Support;

/// <summary>The broker as its users run it: a process of its own, on ports the system picks. Always killed when disposed.</summary>
internal sealed partial class BrokerProcess : IAsyncDisposable
{
    private static readonly string[] ListenerFlags = ["--broker-bind", "--admin-bind"];

    private readonly Process _process;
    private readonly string _dataDirectory;
    private readonly object _gate = new();
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Match> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TemporaryDirectory? _owned;

    private BrokerProcess(string dataDirectory, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        _dataDirectory = dataDirectory;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "fibril-server.dll"), .. ArgumentsFor(dataDirectory, arguments)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string own in start.Environment.Keys.Where(static name => name.StartsWith("FIBRIL_", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(own);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint Clients { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>host:port for clients.</summary>
    public string Address => Clients.ToString();

    /// <summary>Where the admin listener answers.</summary>
    public Uri Admin { get; private set; } = new("http://127.0.0.1");

    /// <summary>Everything the process has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return string.Join('\n', _output);
        }
    }

    private string State => _process.HasExited ? $"it ended with code {_process.ExitCode}" : "it still runs";

    /// <summary>Starts a broker on a directory of its own, which goes away with it.</summary>
    public static async Task<BrokerProcess> StartAsync()
    {
        var directory = new TemporaryDirectory();
        try
        {
            BrokerProcess broker = await StartAsync(directory.PathOf("data"));
            broker._owned = directory;
            return broker;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Starts a broker and waits until it says that it is ready.</summary>
    public static Task<BrokerProcess> StartAsync(string dataDirectory, params string[] arguments) => StartAsync(new BrokerProcess(dataDirectory, arguments));

    /// <summary>Starts a broker with variables of its own, and waits until it says that it is ready.</summary>
    public static Task<BrokerProcess> StartAsync(string dataDirectory, IReadOnlyDictionary<string, string> environment) =>
        StartAsync(new BrokerProcess(dataDirectory, [], environment));

    /// <summary>Starts a broker that asks for its setup, and waits until it says where.</summary>
    public static async Task<BrokerProcess> StartSetupAsync(string dataDirectory, params string[] arguments)
    {
        var broker = new BrokerProcess(dataDirectory, ["--set", "setup.mode=true", .. arguments]);
        try
        {
            await broker.WaitForLineAsync("waits for its setup");
            broker.Admin = new Uri(Setup().Match(broker.Output).Groups["url"].Value);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the broker says that it is ready.</summary>
    public Task WaitUntilReadyAsync() => StartAsync(this);

    private static async Task<BrokerProcess> StartAsync(BrokerProcess broker)
    {
        try
        {
            Task first = await Task.WhenAny(broker._ready.Task, broker._process.WaitForExitAsync(), Task.Delay(Patience.Limit));
            if (first != broker._ready.Task) throw new InvalidOperationException($"The broker did not become ready ({broker.State}):\n{broker.Output}");
            Match ready = await broker._ready.Task;
            broker.Clients = IPEndPoint.Parse(ready.Groups["clients"].Value);
            broker.Admin = new Uri(ready.Groups["admin"].Value);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a broker that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string dataDirectory, params string[] arguments)
    {
        await using var broker = new BrokerProcess(dataDirectory, arguments);
        return (await broker.WaitForExitAsync(), broker.Output);
    }

    /// <summary>Starts another broker on what this one, which has ended, left behind. Dispose the new one first.</summary>
    public Task<BrokerProcess> RestartAsync() => StartAsync(_dataDirectory);

    public FibrilClientOptions Options() => new() { Host = "127.0.0.1", Port = Clients.Port };

    public Task<FibrilClient> ConnectAsync() => FibrilClient.ConnectAsync(Address);

    /// <summary>A client that stays disconnected once it lost this broker, and tries nothing again.</summary>
    public Task<FibrilClient> ConnectForItsLifeAsync()
    {
        var options = new FibrilClientOptions { Host = Clients.Address.ToString(), Port = Clients.Port };
        ScriptedSession.StaysDisconnected(options);
        return FibrilClient.ConnectAsync(options);
    }

    /// <summary>Waits for the end of the process and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The broker still runs:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks the process to stop, as an operator or a container runtime does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Asks the process to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        Terminate();
        await WaitForExitAsync();
    }

    /// <summary>Ends the process at once, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Waits until a line with this text was printed.</summary>
    public async Task WaitForLineAsync(string text)
    {
        long started = Stopwatch.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience.Limit) throw new TimeoutException($"The broker never said '{text}':\n{Output}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        _process.Dispose();
        _owned?.Dispose();
    }

    /// <summary>Ports of its own, unless the test names one.</summary>
    private static IEnumerable<string> ArgumentsFor(string dataDirectory, string[] arguments) =>
    [
        "--data-dir", dataDirectory,
        .. ListenerFlags.Except(arguments).SelectMany(static flag => new[] { flag, "127.0.0.1:0" }),
        .. arguments,
    ];

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_gate) _output.Add(line);
        Match ready = Ready().Match(line);
        if (ready.Success) _ready.TrySetResult(ready);
    }

    [GeneratedRegex(@"waits for its setup: open (?<url>\S+) on")]
    private static partial Regex Setup();

    [GeneratedRegex(@"Fibril is ready: clients on (?<clients>\S+), admin on (?<admin>\S+), data in")]
    private static partial Regex Ready();
}
