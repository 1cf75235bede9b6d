using System.Net;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>What is left to do before the broker starts.</summary>
internal enum FirstBootOutcome
{
    /// <summary>Nothing: start it.</summary>
    Start,

    /// <summary>The configuration has changed: load it again, and start.</summary>
    LoadAgain,

    /// <summary>The process was asked to stop.</summary>
    Stop,
}

/// <summary>Goes through the setup of a data directory when that was asked for .</summary>
internal static class FirstBoot
{
    /// <param name="loaded">What the broker would be started with now.</param>
    /// <param name="preview">Loads the configuration as it will be with the text of a layer.</param>
    /// <exception cref="IOException">The data directory cannot be used, or the port.</exception>
    /// <exception cref="InvalidDataException">The data directory holds an unfinished setup that cannot be read.</exception>
    public static async Task<FirstBootOutcome> RunAsync(LoadedConfiguration loaded, Func<string, ConfigurationOutcome> preview)
    {
        BrokerOptions options = loaded.Options;
        var files = new PhysicalFileSystem();
        bool isUnfinished = files.ListFiles(options.DataDirectory).Contains(SetupFiles.PlanName);
        if (loaded.Setup == SetupState.Done && !isUnfinished) return FirstBootOutcome.Start;

        StorageDirectories.EnsureRoot(files, Path.GetFullPath(options.DataDirectory));
        using var directoryLock = DataDirectoryLock.Acquire(options.DataDirectory);
        var setup = new SetupFiles(files, options.DataDirectory, TimeProvider.System);
        if (setup.Recover() || loaded.Setup == SetupState.Done) return FirstBootOutcome.LoadAgain;
        if (loaded.Setup == SetupState.Needless)
        {
            setup.Mark();
            return FirstBootOutcome.LoadAgain;
        }

        var service = new SetupService(files, options, preview, TimeProvider.System);
        bool isDone = await SetupHost.RunAsync(service, new IPEndPoint(IPAddress.Loopback, options.Admin.Bind.Port));
        return isDone ? FirstBootOutcome.LoadAgain : FirstBootOutcome.Stop;
    }
}
