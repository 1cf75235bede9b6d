using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Runs a command for each message, one after the other. Its exit code decides: 0 completes the message, anything else sends it back.</summary>
internal sealed class ExecSink(string command, TimeSpan? retryDelay, Talk talk) : MessageSink
{
    private ReceivedMessage? _message;

    public override bool IsFull => _message is not null;

    public override void Add(ReceivedMessage message) => _message = message;

    /// <exception cref="CliException">The command cannot be started.</exception>
    public override async ValueTask FlushAsync()
    {
        if (_message is not { } message) return;
        _message = null;
        int exitCode = await RunAsync(message);
        Written++;
        Unsettled++;
        await new Settlement(exitCode == 0 ? SettlementKind.Complete : SettlementKind.Retry, retryDelay).ApplyAsync(message);
        Unsettled--;
        if (exitCode != 0) talk.Say($"the command ended with {exitCode} for partition {message.Partition} offset {message.Offset}, which goes back to the queue");
    }

    private async Task<int> RunAsync(ReceivedMessage message)
    {
        string[] shell = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", command] : ["/bin/sh", "-c", command];
        var start = new ProcessStartInfo(shell[0], shell[1..]) { RedirectStandardInput = true };
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)[
            ("TOPIC", message.Topic), ("GROUP", message.Group ?? ""), ("PARTITION", Text(message.Partition)), ("OFFSET", Text(message.Offset)), ("RETRIES", Text(message.Retries)),
            ("CONTENT_TYPE", message.ContentType ?? "")])
        {
            start.Environment[$"FIBRIL_MESSAGE_{name}"] = value;
        }

        try
        {
            using Process process = Process.Start(start)!;
            await FeedAsync(process, message);
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw new CliException(ExitCode.Failure, $"{shell[0]} cannot be started", cause: fault);
        }
    }

    private static async Task FeedAsync(Process process, ReceivedMessage message)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(message.Payload);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read its input, which is its own affair.
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
