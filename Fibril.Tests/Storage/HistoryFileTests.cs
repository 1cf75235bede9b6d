using Fibril.Broker.Log;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.History.Files;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Storage;

/// <summary>The history on the disk: what a stop, a kill, a power loss and damage leave of it (U-28 of the dashboard).</summary>
public sealed class HistoryFileTests
{
    private const long Noon = 1_767_268_800;
    private const int HeaderBytes = 512;

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly string Minutes = Path.Combine(Root, "history", "minutes.history");

    private readonly SimulatedFileSystem _disk = new();
    private readonly RecordingLogger _log = new();

    public HistoryFileTests() => StorageDirectories.EnsureRoot(_disk, Root);

    [Fact]
    public async Task What_was_written_is_there_after_a_stop_and_after_a_kill()
    {
        TieredSample[] samples = [Minute(1), Minute(2), Minute(60), new(HistoryShape.Quarters, Sample(Noon + 900))];
        await WriteAsync(samples);
        foreach (SimulatedFileSystem disk in (SimulatedFileSystem[])[_disk, _disk.AfterKill()])
        {
            (IReadOnlyList<HistorySample> minutes, IReadOnlyList<HistorySample> quarters) = Load(disk, Noon + 3600);
            Assert.Equal(samples[..3].Select(static sample => sample.Sample), minutes);
            Assert.Equal([samples[3].Sample], quarters);
        }

        Assert.Empty(_disk.OpenFiles());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task What_is_older_than_the_history_goes_back_or_newer_than_now_is_left_out()
    {
        await WriteAsync(Minute(1), Minute(2), Minute(1440));
        Assert.Equal([Noon + 120, Noon + 86_400], Load(_disk, Noon + 86_400 + 60).Minutes.Select(static minute => minute.AtSeconds));
        Assert.Equal([Noon + 60, Noon + 120], Load(_disk, Noon + 130).Minutes.Select(static minute => minute.AtSeconds));
    }

    [Fact]
    public async Task Two_days_take_the_room_of_one()
    {
        await WriteAsync(Minute(1));
        int length = ContentOf(Minutes).Length;
        for (int minute = 2; minute <= 2880; minute += 30) await WriteAsync([.. Enumerable.Range(minute, 30).Select(Minute)]);
        Assert.Equal(length, ContentOf(Minutes).Length);
        Assert.InRange(_disk.Content().Values.Sum(static file => file.Length), 300_000, 1_200_000);
        Assert.Equal(1440, Load(_disk, Noon + (60 * 2881)).Minutes.Count);
    }

    [Fact]
    public async Task A_power_loss_at_any_operation_leaves_samples_that_were_written_and_a_history_that_goes_on()
    {
        int crashes = 0;
        var images = new List<SimulatedFileSystem>();
        _disk.BeforeOperation = operation =>
        {
            for (int seed = 0; seed < 4; seed++) images.Add(_disk.AfterPowerLoss(new Random(seed), 64));
            images.Add(_disk.AfterPowerLoss());
            images.Add(_disk.AfterKill());
            if (operation.Data is null) return;
            SimulatedFileSystem torn = _disk.AfterKill();
            torn.ApplyPartOf(operation, operation.Data.Length / 2);
            images.Add(torn);
        };
        for (int minute = 1; minute <= 1500; minute += 300) await WriteAsync(Minute(minute), new TieredSample(HistoryShape.Quarters, Sample(Noon + (900 * minute))));
        await WriteAsync(Minute(1441)); // over an old one
        _disk.BeforeOperation = null;
        foreach (SimulatedFileSystem disk in images)
        {
            crashes++;
            Assert.All(Load(disk, Noon + (60 * 1500)).Minutes, static minute => Assert.Equal(Sample(minute.AtSeconds), minute));
            await WriteAsync(disk, Minute(1442));
            Assert.Contains(Sample(Noon + (60 * 1442)), Load(disk, Noon + (60 * 1500)).Minutes);
        }

        Assert.True(crashes > 100, "Writing hardly touched the disk.");
    }

    [Fact]
    public async Task A_record_that_is_not_what_was_written_is_a_gap_and_is_told()
    {
        await WriteAsync(Minute(1), Minute(2), Minute(3));
        _disk.Corrupt(Minutes, HeaderBytes + (HistoryShape.Minutes.PlaceOf(Noon + 120) * HistoryRecord.Bytes) + 20, 0x10);
        Assert.Equal([Noon + 60, Noon + 180], Load(_disk, Noon + 3600).Minutes.Select(static minute => minute.AtSeconds));
        Assert.StartsWith("1 samples of the history", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(HeaderBytes + 100)]
    [InlineData(10_000_000)]
    public async Task A_file_that_is_something_else_is_put_aside_and_the_history_begins_anew(int length)
    {
        StorageDirectories.Ensure(_disk, Root, "history");
        byte[] foreign = new byte[length];
        if (length == 10_000_000) "FBRLHST\0"u8.CopyTo(foreign);
        _disk.Create(Minutes).Dispose();
        _disk.Overwrite(Minutes, foreign);
        Assert.Empty(Load(_disk, Noon).Minutes);
        LogLine line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("minutes.history.damaged", line.Text, StringComparison.Ordinal);
        Assert.Equal(foreign, ContentOf(Minutes + ".damaged"));
        await WriteAsync(Minute(1));
        Assert.Single(Load(_disk, Noon + 60).Minutes);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_told_once_and_what_comes_when_it_works_again_is_kept()
    {
        using var store = new HistoryStore(_disk, Root, _log);
        _disk.BeforeOperation = static _ => throw DiskFaults.InputOutputError();
        for (int minute = 1; minute <= 3; minute++) await WriteAsync(store, Minute(minute));
        Assert.Equal(2708, Assert.Single(_log.Lines).Event);
        _disk.BeforeOperation = null;
        await WriteAsync(store, Minute(4));
        Assert.Equal([Noon + 240], Load(_disk, Noon + 3600).Minutes.Select(static minute => minute.AtSeconds));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_costs_the_history_and_not_the_start()
    {
        await WriteAsync(Minute(1));
        _disk.BeforeRead = static _ => throw DiskFaults.InputOutputError();
        Assert.Empty(Load(_disk, Noon + 60).Minutes);
        Assert.All(_log.Lines, static line => Assert.Equal((2707, LogLevel.Warning), (line.Event, line.Level)));
        _disk.BeforeRead = null;
        Assert.Single(Load(_disk, Noon + 60).Minutes);
    }

    [Fact]
    public async Task A_disk_that_hangs_keeps_nobody_waiting()
    {
        using var hanging = new ManualResetEventSlim();
        using var store = new HistoryStore(_disk, Root, _log);
        await WriteAsync(store, Minute(1));
        _disk.BeforeOperation = _ => hanging.Wait();
        for (int minute = 2; minute <= 200; minute++) store.Write([Minute(minute)]);
        Assert.False(store.Written.IsCompleted);
        hanging.Set();
        await Patience.Wait(store.Written);
        Assert.InRange(Load(_disk, Noon + 86_000).Minutes.Count, 64, 70); // of those that wait, so many are remembered
    }

    [Fact] // "FBRLHST\0", format 1, bytes of a record, seconds, places; the rest of the sector is zero
    public async Task A_file_keeps_its_form()
    {
        await WriteAsync(Minute(1));
        byte[] content = ContentOf(Minutes);
        Assert.Equal("4642524c48535400" + "0100" + "0001" + "3c000000" + "a0050000" + new string('0', 2 * (HeaderBytes - 20)), Convert.ToHexStringLower(content.AsSpan(0, HeaderBytes)));
        Assert.Equal(HeaderBytes + (1440 * HistoryRecord.Bytes), content.Length);
        Assert.True(HistoryRecord.TryRead(content.AsSpan(HeaderBytes + ((int)((Noon + 60) / 60 % 1440) * HistoryRecord.Bytes), HistoryRecord.Bytes), out _));
    }

    [Fact]
    public async Task A_minute_costs_one_write_and_no_sync()
    {
        await WriteAsync(Minute(1));
        using var store = new HistoryStore(_disk, Root, _log);
        await WriteAsync(store, Minute(2));
        List<DiskOperation> operations = [];
        _disk.BeforeOperation = operations.Add;
        await WriteAsync(store, Minute(3));
        _disk.BeforeOperation = null;
        Assert.Equal((DiskOperationKind.Write, HistoryRecord.Bytes), (Assert.Single(operations).Kind, operations[0].Data!.Length));
    }

    private static HistorySample Sample(long at) => new()
    {
        AtSeconds = at,
        PublishedPerSecond = at * 0.25,
        BytesOutPerSecond = 1e9,
        ConfirmP50Ms = 0.25f,
        SyncP99Ms = null,
        Backlog = at % 1000,
        MostBacklog = long.MaxValue,
        ResidentMegabytes = 12.5,
        DiskFreeBytes = at % 2 == 0 ? 7 : null,
        Subscriptions = int.MaxValue,
    };

    private static TieredSample Minute(int minute) => new(HistoryShape.Minutes, Sample(Noon + (60 * minute)));

    private (IReadOnlyList<HistorySample> Minutes, IReadOnlyList<HistorySample> Quarters) Load(SimulatedFileSystem disk, long now)
    {
        using var store = new HistoryStore(disk, Root, _log);
        return store.Load(now);
    }

    private byte[] ContentOf(string path) => _disk.Content()[path.TrimStart(Path.DirectorySeparatorChar)];

    private Task WriteAsync(params TieredSample[] samples) => WriteAsync(_disk, samples);

    private async Task WriteAsync(SimulatedFileSystem disk, params TieredSample[] samples)
    {
        using var store = new HistoryStore(disk, Root, _log);
        await WriteAsync(store, samples);
    }

    private static async Task WriteAsync(HistoryStore store, params TieredSample[] samples)
    {
        store.Write(samples);
        await Patience.Wait(store.Written);
    }
}
