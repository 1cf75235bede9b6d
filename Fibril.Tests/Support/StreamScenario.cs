using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Streams;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>One stream partition over the lives of its broker, on one disk and one clock: an example of a rule in few words.</summary>
internal sealed class StreamScenario : IDisposable
{
    public StreamScenario(Durability tier = Durability.Durable, RetentionBounds retention = default, StreamOptions? options = null)
    {
        Settings = new StreamSettings(tier, retention, null);
        Options = options ?? new StreamOptions();
        Harness = Open(new SimulatedFileSystem());
    }

    /// <summary>An ephemeral stream of which one record is durable, and the cursor "billing" behind two more that are not.</summary>
    public static StreamScenario WithACursorAheadOfTheDisk()
    {
        var stream = new StreamScenario(Durability.Ephemeral);
        stream.Publish("a");
        stream.Advance(stream.Options.EphemeralSyncInterval);
        TestReader reader = stream.Harness.Read("billing");
        stream.Publish("b", "c");
        stream.Harness.Acknowledge(reader, 2);
        stream.Advance(TimeSpan.FromMilliseconds(1)); // the cursor is durable, and the records are not yet
        return stream;
    }

    public JumpingTimeProvider Time { get; } = new();

    /// <summary>What operators hear.</summary>
    public RecordingLogger Log { get; } = new();

    public StreamSettings Settings { get; private set; }

    public StreamOptions Options { get; }

    /// <summary>The partition in its present life.</summary>
    public StreamHarness Harness { get; private set; }

    /// <summary>Names of its message segments, the oldest first.</summary>
    public IReadOnlyList<string> MessageSegments =>
        [.. Harness.Disk.ListFiles(StreamHarness.PartitionDirectory)
            .Where(static name => SegmentNames.TryParse(LogKind.Messages, name, out _)).Order(StringComparer.Ordinal)];

    public void Publish(params ReadOnlySpan<string> texts) => Harness.Publish(texts);

    /// <summary>Publishes records that fill a good part of a segment each, named by their numbers.</summary>
    public void PublishLarge(int from, int count)
    {
        for (int i = from; i < from + count; i++) Harness.Publish(TextOf(i));
    }

    /// <summary>The text of a large record.</summary>
    public static string TextOf(int number) => $"{number}:".PadRight(3000, '.');

    public void Advance(TimeSpan time) => Harness.Advance(time);

    /// <summary>Declares other retention.</summary>
    public void Keep(RetentionBounds retention)
    {
        Settings = Settings with { Retention = retention };
        Harness.Settings.Refresh(() => Settings);
        Harness.Partition.SettingsChanged();
        Harness.Run();
    }

    /// <summary>Ends the broker and starts the next one on what it left behind.</summary>
    public void Restart(Ending ending, TimeSpan downtime = default)
    {
        if (ending == Ending.Stop) Harness.Stop();
        SimulatedFileSystem disk = ending == Ending.PowerLoss ? Harness.Disk.AfterPowerLoss() : Harness.Disk.AfterKill();
        Harness.Dispose();
        Time.Advance(downtime + TimeSpan.FromMilliseconds(1)); // no process starts in no time
        Harness = Open(disk);
    }

    public void Dispose() => Harness.Dispose();

    private StreamHarness Open(SimulatedFileSystem disk) => new(disk, Time, Settings, Options, logger: Log);
}
