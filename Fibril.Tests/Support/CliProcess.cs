using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Fibril.Tests.Support;

/// <summary>What a process of fibrilctl left behind.</summary>
internal sealed record CliResult(int ExitCode, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>The real fibrilctl in a process of its own, with no settings but those given.</summary>
internal sealed class CliProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    private CliProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public bool HasExited => _process.HasExited;

    /// <param name="broker">host:port, for FIBRIL_BROKER; null to leave it to the arguments.</param>
    /// <param name="arguments">The command line.</param>
    public static CliProcess Start(string? broker, params string[] arguments) => Start(broker, null, arguments);

    /// <param name="broker">host:port, for FIBRIL_BROKER; null to leave it to the arguments.</param>
    /// <param name="admin">Address for FIBRIL_ADMIN; null to leave it to the arguments.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="editor">For VISUAL; null for whatever it is here.</param>
    public static CliProcess Start(string? broker, Uri? admin, string[] arguments, string? editor = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "fibrilctl.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(static name => name.StartsWith("FIBRIL_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(AppContext.BaseDirectory, "no-config"); // whoever runs the tests may have contexts
        if (broker is not null) start.Environment["FIBRIL_BROKER"] = broker;
        if (admin is not null) start.Environment["FIBRIL_ADMIN"] = admin.GetLeftPart(UriPartial.Authority);
        if (editor is not null) start.Environment["VISUAL"] = editor;
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Runs it with a command of the shell that edits the file that is its last argument.</summary>
    public static Task<CliResult> RunWithEditorAsync(BrokerProcess broker, string editor, params string[] arguments) => RunAsync(Start(broker.Address, broker.Admin, arguments, editor), []);

    public static Task<CliResult> RunAsync(BrokerProcess broker, params string[] arguments) => RunAsync(Start(broker.Address, broker.Admin, arguments), []);

    public static Task<CliResult> RunAsync(string? broker, byte[] input, params string[] arguments) => RunAsync(Start(broker, arguments), input);

    private static async Task<CliResult> RunAsync(CliProcess started, byte[] input)
    {
        await using CliProcess process = started;
        Task<byte[]> output = process.ReadToEndAsync();
        await process.WriteAsync(input);
        process.Input.Close();
        return await process.EndAsync(await Patience.Wait(output));
    }

    /// <summary>Writes to its standard input; what it does not read any more is dropped.</summary>
    public async Task<bool> WriteAsync(byte[] bytes)
    {
        try
        {
            await Patience.Wait(Input.WriteAsync(bytes));
            await Patience.Wait(Input.FlushAsync());
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads one line of its standard output, byte by byte, so that nothing behind it is taken.</summary>
    public async Task<string> ReadLineAsync()
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        while (await Patience.Wait(Output.ReadAsync(one)) == 1 && one[0] != '\n') line.Add(one[0]);
        return Encoding.UTF8.GetString([.. line]);
    }

    public async Task<byte[]> ReadToEndAsync()
    {
        using var output = new MemoryStream();
        await Output.CopyToAsync(output);
        return output.ToArray();
    }

    /// <summary>Asks it to end, as Ctrl-C does.</summary>
    public async Task TerminateAsync()
    {
        using Process signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await Patience.Wait(signal.WaitForExitAsync());
    }

    public async Task<CliResult> EndAsync(byte[]? output = null)
    {
        await Patience.Wait(_process.WaitForExitAsync());
        return new CliResult(_process.ExitCode, output ?? [], await Patience.Wait(_error));
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
