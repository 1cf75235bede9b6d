using System.Runtime.InteropServices;

namespace Fibril.Cli;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        using var interruption = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        return await CliApplication.RunAsync(args, CliContext.OfProcess(), interruption.Token);

        // The first asks to end in order; a second one does not wait for that.
        void OnSignal(PosixSignalContext signal)
        {
            if (interruption.IsCancellationRequested) Environment.Exit(ExitCode.Interrupted);
            signal.Cancel = true;
            interruption.Cancel();
        }
    }
}
