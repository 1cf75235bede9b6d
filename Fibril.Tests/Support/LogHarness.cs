using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Microsoft.Extensions.Time.Testing;
using Record = Fibril.Broker.Log.Records.Record;

namespace Fibril.Tests.Support;

/// <summary>A record as a test wrote it or got it back.</summary>
internal readonly record struct TestRecord(long Offset, string Text, long Timestamp);

/// <summary>The real segmented log on a simulated disk, clock and scheduler; every step decided by the test.</summary>
internal sealed class LogHarness : ILogObserver, IRecordVisitor
{
    public static readonly string Folder = Path.Combine(Path.DirectorySeparatorChar.ToString(), "data", "log");

    /// <summary>Segments with several index entries, for tests that need no borders.</summary>
    public static readonly LogOptions LargeSegments = new()
    {
        MessageSegmentBytes = 256 << 10,
        EventSegmentBytes = 256 << 10,
        PreallocateBytes = 64 << 10,
    };

    private readonly LogOptions _options;
    private uint _salt;

    public LogHarness(
        SimulatedFileSystem? disk = null,
        LogOptions? options = null,
        LogKind kind = LogKind.Messages,
        FakeTimeProvider? time = null,
        long neededFrom = 0,
        long visitFrom = 0,
        uint salt = 0x5eed,
        long? keptFrom = null)
    {
        Disk = disk ?? new SimulatedFileSystem();
        Time = time ?? new FakeTimeProvider();
        Kind = kind;
        _options = options ?? PartitionHarness.SmallSegments();
        _salt = salt;
        StorageDirectories.EnsureRoot(Disk, Folder);
        Log = SegmentedLog.Open(
            new LogEnvironment(Disk, Scheduler, Time, () => _salt++, _options), this, Folder, kind, keptFrom ?? neededFrom, neededFrom, visitFrom, this);
        Reader = Log.NewReader();
    }

    public SimulatedFileSystem Disk { get; }

    public FakeTimeProvider Time { get; }

    public LogKind Kind { get; }

    public SteppedScheduler Scheduler { get; } = new();

    public SegmentedLog Log { get; }

    /// <summary>The reader that <see cref="ReadPiece"/> and what builds on it use.</summary>
    public LogReader Reader { get; }

    /// <summary>What recovery showed its visitor.</summary>
    public List<TestRecord> Visited { get; } = [];

    /// <summary>How often the log said that it had something new to say.</summary>
    public int AdvanceCount { get; private set; }

    /// <summary>Why files that were given up are still there; null while they are not.</summary>
    public Exception? NotRemoved { get; private set; }

    /// <summary>First offsets of the segment files on the disk, ascending.</summary>
    public IReadOnlyList<long> SegmentBases =>
    [
        .. Disk.ListFiles(Folder).Select(name => SegmentNames.TryParse(Kind, name, out long baseOffset) ? baseOffset : -1)
            .Where(static baseOffset => baseOffset >= 0).Order(),
    ];

    /// <summary>The path of the segment that starts with an offset.</summary>
    public string PathOf(long baseOffset) => PathOf(Kind, baseOffset);

    public static string PathOf(LogKind kind, long baseOffset) => Path.Combine(Folder, SegmentNames.Log(kind, baseOffset));

    /// <summary>The same log, recovered from this disk or another one, by a process that draws other salts.</summary>
    public LogHarness Reopen(SimulatedFileSystem? disk = null, long neededFrom = 0, long visitFrom = 0, long? keptFrom = null) =>
        new(disk ?? Disk, _options, Kind, Time, neededFrom, visitFrom, _salt + 0x1000, keptFrom);

    /// <summary>Appends one block and starts nothing.</summary>
    public RecordBlock Append(params ReadOnlySpan<string> texts)
    {
        var bodies = new byte[texts.Length][];
        for (int i = 0; i < texts.Length; i++) bodies[i] = Encoding.UTF8.GetBytes(texts[i]);
        return Append(bodies, timestamps: null);
    }

    public RecordBlock Append(byte[][] bodies, long[]? timestamps)
    {
        RecordBlock block = RecordBlock.Rent(bodies.Sum(static body => RecordHeader.AlignedSize(body.Length)), bodies.Length);
        for (int i = 0; i < bodies.Length; i++)
            bodies[i].CopyTo(block.Add(kind: 1, attributes: 0, timestamps?[i] ?? Time.GetUtcNow().ToUnixTimeMilliseconds(), bodies[i].Length));
        Log.Append(block);
        return block;
    }

    /// <summary>Appends one block and runs until it is written, and durable where every write is.</summary>
    public void Commit(params ReadOnlySpan<string> texts)
    {
        Append(texts);
        Log.Flush();
        Run();
    }

    public void Run() => Scheduler.RunToIdle();

    /// <summary>The blocks that the log gives back, as the offsets they cover; disposes them.</summary>
    public List<(long First, long End)> TakeCompleted()
    {
        var completed = new Queue<RecordBlock>();
        Log.TakeCompleted(completed);
        var ranges = new List<(long, long)>();
        while (completed.TryDequeue(out RecordBlock? block))
        {
            ranges.Add((block.FirstOffset, block.EndOffset));
            block.Dispose();
        }

        return ranges;
    }

    /// <summary>Reads one piece, the way a partition does.</summary>
    public List<TestRecord> ReadPiece(long from, int maxBytes)
    {
        ReadPlan plan = Log.PlanRead(from, maxBytes);
        (RecordBlock block, long endPosition) = Reader.Read(plan);
        using (block)
        {
            Log.ContinueAfter(plan, block, endPosition);
            var records = new List<TestRecord>(block.Count);
            for (int i = 0; i < block.Count; i++) records.Add(Of(block[i]));
            return records;
        }
    }

    /// <summary>Reads everything durable from an offset on, piece by piece.</summary>
    public List<TestRecord> ReadFrom(long offset, int maxBytes = 4096)
    {
        var records = new List<TestRecord>();
        while (offset < Log.DurableEnd)
        {
            List<TestRecord> piece = ReadPiece(offset, maxBytes);
            Assert.NotEmpty(piece);
            records.AddRange(piece);
            offset = piece[^1].Offset + 1;
        }

        return records;
    }

    public List<string> ReadTexts(long from = 0) => [.. ReadFrom(from).Select(static record => record.Text)];

    /// <summary>Stops the log the orderly way.</summary>
    public void Close()
    {
        Log.RequestClose();
        Run();
        Assert.True(Log.IsClosed, "The log did not close.");
    }

    /// <summary>The header of a segment as it stands on the disk.</summary>
    public SegmentHeader HeaderOf(long baseOffset)
    {
        Assert.True(SegmentHeader.TryRead(Disk.Content()[Key(PathOf(baseOffset))], out SegmentHeader header));
        return header;
    }

    public byte[] ContentOf(string path) => Disk.Content()[Key(path)];

    public bool Exists(string path) => Disk.Content().ContainsKey(Key(path));

    /// <summary>Writes over a file, synced, as a disk or a stranger might.</summary>
    public static void Overwrite(SimulatedFileSystem disk, string path, long position, ReadOnlySpan<byte> bytes)
    {
        using IStorageFile file = disk.Open(path);
        file.Write(bytes, position);
        file.Sync();
    }

    /// <summary>A whole record with its padding, made by hand.</summary>
    public static byte[] RawRecord(long offset, string text, uint unsynced, uint salt)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        var record = new byte[RecordHeader.AlignedSize(body.Length)];
        RecordHeader.Begin(record, body.Length, kind: 1, attributes: 0, timestamp: 0);
        body.CopyTo(record, RecordHeader.Size);
        RecordHeader.Seal(record, offset, unsynced, salt);
        return record;
    }

    /// <summary>A text that says its number and is of this length.</summary>
    public static string Text(int number, int length) => $"{number}:".PadRight(length, (char)('a' + (number % 26)));

    public static int SizeOf(string text) => RecordHeader.AlignedSize(Encoding.UTF8.GetByteCount(text));

    void ILogObserver.LogAdvanced(bool flushThreadIsBusy) => AdvanceCount++;

    void ILogObserver.FilesNotRemoved(Exception failure) => NotRemoved = failure;

    void IRecordVisitor.Visit(in Record record) => Visited.Add(Of(record));

    private static TestRecord Of(in Record record) => new(record.Offset, Encoding.UTF8.GetString(record.Body), record.Timestamp);

    private static string Key(string path) => path.TrimStart(Path.DirectorySeparatorChar);
}
