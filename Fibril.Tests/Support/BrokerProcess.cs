using System.Diagnostics;
using System.Text.RegularExpressions;
using Fibril.Client;

namespace Fibril.Tests.Support;

/// <summary>A real broker in a process of its own, on free ports and a directory that goes away with it.</summary>
internal sealed partial class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private BrokerProcess(Process process, string directory, string address, string admin)
    {
        _process = process;
        _directory = directory;
        Address = address;
        Admin = admin;
    }

    /// <summary>host:port for clients.</summary>
    public string Address { get; }

    /// <summary>host:port of the admin surface.</summary>
    public string Admin { get; }

    public static async Task<BrokerProcess> StartAsync(params string[] arguments)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"fibril-test-{Guid.NewGuid():N}");
        string server = Path.Combine(AppContext.BaseDirectory, "fibril-server.dll");
        var start = new ProcessStartInfo(
            "dotnet", [server, "--data-dir", directory, "--broker-bind", "127.0.0.1:0", "--admin-bind", "127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (await Patience.Wait(process.StandardOutput.ReadLineAsync()) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } ready) continue;
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null); // keeps the pipe empty
            return new BrokerProcess(process, directory, ready.Groups["broker"].Value, ready.Groups["admin"].Value);
        }

        throw new InvalidOperationException($"The broker did not start: {await Patience.Wait(errors)}");
    }

    public FibrilClientOptions Options() => new() { Host = "127.0.0.1", Port = int.Parse(Address.Split(':')[1], null) };

    public Task<FibrilClient> ConnectAsync() => FibrilClient.ConnectAsync(Address);

    /// <summary>Ends the process without warning.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Patience.Wait(_process.WaitForExitAsync());
    }

    /// <summary>Asks the process to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await Patience.Wait(_process.WaitForExitAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    [GeneratedRegex(@"clients on (?<broker>\S+), admin on http://(?<admin>[^,/]+)")]
    private static partial Regex ReadyLine();
}
