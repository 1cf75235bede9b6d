using System.Diagnostics;

namespace Fibril.Tests.Support;

internal sealed partial class BrokerProcess
{
    /// <summary>Starts another broker on what this one, which has ended, left in its directory. Both are to be disposed, the new one first.</summary>
    public async Task<BrokerProcess> RestartAsync()
    {
        string server = Path.Combine(AppContext.BaseDirectory, "fibril-server.dll");
        var start = new ProcessStartInfo(
            "dotnet", [server, "--data-dir", _directory, "--broker-bind", "127.0.0.1:0", "--admin-bind", "127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        while (await Patience.Wait(process.StandardOutput.ReadLineAsync()) is { } line)
        {
            if (ReadyLine().Match(line) is not { Success: true } ready) continue;
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null); // keeps the pipe empty
            return new BrokerProcess(process, _directory, ready.Groups["broker"].Value, ready.Groups["admin"].Value);
        }

        throw new InvalidOperationException("The broker did not start again.");
    }
}
