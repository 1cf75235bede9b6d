using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>A second copy of what stands on disks, byte for byte. If one of these fails, the change loses data in use (S-54).</summary>
public sealed class FrozenFormatTests
{
    private const string RecordBytes =
        """
        25 00 00 00              length: header and body
        dd 8b 2a 4a              CRC-32C of what follows, seeded with the salt
        44 33 22 11              unsynced
        07 03 00 00              kind, attributes, zero
        08 07 06 05 04 03 02 01  offset
        7b 68 e5 cf 8b 01 00 00  timestamp
        68 65 6c 6c 6f           body
        00 00 00                 padding
        """;

    private const string SegmentBytes =
        """
        46 42 52 4c 53 45 47 00  magic
        01 00 02 00              format, kind, zero
        ad fb ca de              salt
        08 07 06 05 04 03 02 01  base offset
        7b 68 e5 cf 8b 01 00 00  created
        00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00
        00 00 00 00              zero
        79 59 3a e6              CRC-32C of all before
        """;

    private const string SnapshotBytes =
        """
        46 42 52 4c 53 4e 50 00  magic
        01 00 00 00              format, zero
        05 00 00 00              payload length
        df 68 db 66              CRC-32C of the payload
        73 74 61 74 65           payload
        """;

    private const long Offset = 0x0102030405060708;
    private const long Timestamp = 1_700_000_000_123;
    private const uint Salt = 0xdecafbad;

    [Fact]
    public void Record_keeps_its_bytes()
    {
        using RecordBlock block = RecordBlock.Rent(64);
        "hello"u8.CopyTo(block.Add(kind: 7, attributes: 3, Timestamp, bodyBytes: 5));
        block.Seal(Offset, unsyncedBefore: 0x11223344, Salt);
        Assert.Equal(Annotated(RecordBytes), block.Bytes.ToArray());
    }

    [Fact]
    public void Segment_header_keeps_its_bytes()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(LogKind.Events, Salt, Offset, Timestamp).Write(bytes);
        Assert.Equal(Annotated(SegmentBytes), bytes);
    }

    [Fact]
    public void Snapshot_keeps_its_name_and_bytes()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(LogHarness.Folder);
        SnapshotFile.Save(disk, LogHarness.Folder, number: 42, "state"u8, previous: null);
        Assert.Equal("state-00000000000000000042.snapshot", Assert.Single(disk.ListFiles(LogHarness.Folder)));
        Assert.Equal(Annotated(SnapshotBytes), Assert.Single(disk.Content()).Value);
    }

    [Fact]
    public void Kinds_of_logs_keep_their_numbers_and_names()
    {
        Assert.Equal([1, 2, 3], Enum.GetValues<LogKind>().Select(static kind => (int)kind));
        Assert.Equal(
            ["messages-00000000000000000007.log", "events-00000000000000000007.log", "channels-00000000000000000007.log"],
            Enum.GetValues<LogKind>().Select(static kind => SegmentNames.Log(kind, 7)));
    }

    [Fact]
    public void Log_written_by_an_earlier_broker_is_read()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(LogHarness.Folder);
        string path = LogHarness.PathOf(LogKind.Events, Offset);
        disk.Create(path).Dispose();
        LogHarness.Overwrite(disk, path, 0, [.. Annotated(SegmentBytes), .. Annotated(RecordBytes)]);

        var log = new LogHarness(disk, kind: LogKind.Events, neededFrom: Offset, visitFrom: Offset);
        Assert.Equal([new TestRecord(Offset, "hello", Timestamp)], log.Visited);
        Assert.Equal([new TestRecord(Offset, "hello", Timestamp)], log.ReadFrom(Offset));
    }

    /// <summary>The hex numbers in front of the first double space of each line.</summary>
    private static byte[] Annotated(string lines) =>
        Hex.Bytes(string.Concat(lines.Split('\n').Select(static line => line.Split("  ", 2)[0])));
}
