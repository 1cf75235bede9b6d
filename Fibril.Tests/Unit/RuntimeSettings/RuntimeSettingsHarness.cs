using System.Text.Json;
using Fibril.Broker.Log;
using Fibril.Broker.RuntimeSettings;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.RuntimeSettings;

/// <summary>Stands in for the starts of one broker: a disk, and for every start a seed and locks.</summary>
internal sealed class RuntimeSettingsHarness
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");

    public RuntimeSettingsHarness(SimulatedFileSystem? disk = null)
    {
        Disk = disk ?? new SimulatedFileSystem();
        StorageDirectories.EnsureRoot(Disk, Root);
    }

    public SimulatedFileSystem Disk { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));

    public RecordingLogger Log { get; } = new();

    /// <summary>What the last start was configured with, and what is in effect since.</summary>
    public RuntimeOptions Options { get; private set; } = RuntimeOptions.BuiltIn();

    public RuntimeSettingsStore Start(Action<RuntimeOptions>? seed = null, string[]? locks = null, int mostPartitions = 1024)
    {
        Options = RuntimeOptions.BuiltIn();
        seed?.Invoke(Options);
        return RuntimeSettingsStore.Open(Disk, Root, Options, new HashSet<string>(locks ?? []), mostPartitions, Time, Log);
    }

    /// <summary>The files of the settings, with their content.</summary>
    public string[] Files => [.. Disk.Content().Keys.Where(static path => path.EndsWith(".snapshot", StringComparison.Ordinal)).Order()];

    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}

internal static class RuntimeSettingsStoreExtensions
{
    public static RuntimeSettingsUpdate Put(this RuntimeSettingsStore store, string json, long? expected = null, string actor = "ann") =>
        store.TryUpdate(expected ?? store.Current.Version, RuntimeSettingsHarness.Json(json), actor);

    public static long Value(this RuntimeSettingsStore store, string group, string name) => store.Current.Settings[RuntimeFields.Get(group, name)];
}
