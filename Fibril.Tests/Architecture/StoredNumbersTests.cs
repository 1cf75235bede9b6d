using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Producers;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Statistics.History;
using Fibril.Broker.Statistics.History.Files;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture;

/// <summary>A second copy of every number that is on disks already. If one of these fails, the change cannot read what is stored.</summary>
public sealed class StoredNumbersTests
{
    [Fact]
    public void Kinds_of_logs_keep_their_numbers() => AssertFrozen<LogKind>((1, "Messages"), (2, "Events"), (3, "Catalogue"));

    [Fact]
    public void Kinds_of_events_keep_their_numbers() => AssertFrozen<QueueEventKind>((1, "Settled"), (2, "Retried"), (3, "DeadLettered"), (4, "CopyBegun"), (5, "Returned"), (6, "Copied"));

    [Fact]
    public void Roles_and_permissions_of_users_keep_their_numbers()
    {
        AssertFrozen<UserRole>((0, "None"), (1, "Viewer"), (2, "Operator"), (3, "Admin"));
        AssertFrozen<TopicOperations>((0, "None"), (1, "Publish"), (2, "Consume"), (4, "Manage"), (7, "All"));
    }

    [Fact]
    public void Reasons_of_settlements_keep_their_numbers() =>
        AssertFrozen<SettleReason>((1, "Completed"), (2, "Failed"), (3, "RetriesExhausted"), (4, "Expired"), (5, "DeadLettered"), (6, "Discarded"), (7, "Removed"), (8, "Replayed"), (9, "Purged"), (10, "Overflowed"), (11, "Unreadable"));

    [Theory] // S-3, S-6: attribute 1: a time before which it is not delivered; attribute 2: a deadline
    [InlineData(0, false, 0, "")]
    [InlineData(0x0102030405060708, false, 1, "0807060504030201")]
    [InlineData(0, true, 2, "8877665544332211")]
    [InlineData(0x0102030405060708, true, 3, "0807060504030201 8877665544332211")]
    public void A_message_is_its_birth_state_and_then_what_is_delivered(long notBefore, bool expires, byte attributes, string birthState)
    {
        var headers = new HeaderBlockBuilder();
        headers.Add("k", "v");
        var message = new NewMessage
        {
            Published = 0xa1a2a3a4a5a6a7a8,
            ContentType = ContentType.Of(ContentTypeKind.Json),
            Headers = headers.Block,
            Payload = "hi"u8,
            NotBefore = notBefore,
            Deadline = expires ? 0x1122334455667788 : null,
        };
        var body = new byte[MessageRecord.Measure(message)];
        MessageRecord.Write(body, message);

        // Published, big-endian; content type JSON; one header, "k" = "v"; two bytes of payload.
        AssertBytes(birthState + "a1a2a3a4a5a6a7a8" + "02" + "00000001 00000001 6b 00000001 76" + "00000002 6869", body);
        Assert.Equal(attributes, MessageRecord.AttributesOf(message));
        Assert.Equal(1, MessageRecord.Kind);

        using RecordBlock block = RecordBlock.Rent(256);
        body.CopyTo(block.Add(MessageRecord.Kind, attributes, timestamp: 0, body.Length));
        Assert.Equal(notBefore, MessageRecord.NotBefore(block[0]));
        Assert.Equal(message.Deadline, MessageRecord.Deadline(block[0]));
        AssertBytes("a1a2a3a4a5a6a7a8", MessageRecord.Published(block[0]));
        AssertBytes("02 00000001 00000001 6b 00000001 76 00000002 6869", MessageRecord.Tail(block[0]));
    }

    [Fact] // attribute 4: the headers say which message of which producer it is
    public void A_message_of_a_producer_keeps_its_attribute_and_its_headers()
    {
        var message = new NewMessage { HasProducer = true };
        Assert.Equal(4, MessageRecord.AttributesOf(message));
        Assert.False(MessageRecord.HasBirthState(4));
        Assert.Equal("fibril.client.producer_id"u8, ReservedHeaders.ProducerId);
        Assert.Equal("fibril.client.producer_seq"u8, ReservedHeaders.ProducerSequence);
    }

    [Fact] // XxHash3 of the payload; its seed is the sum of the hashes of the content type and of each header
    public void The_check_of_a_numbered_message_keeps_its_value()
    {
        var headers = new HeaderBlockBuilder();
        headers.Add(ReservedHeaders.ProducerId, "p"u8);
        headers.Add(ReservedHeaders.ProducerSequence, "1"u8);
        var message = new NewMessage { HasProducer = true, ContentType = ContentType.Custom("a/b"u8), Headers = headers.Block, Payload = "hi"u8 };
        using RecordBlock block = RecordBlock.Rent(256);
        int bodyBytes = MessageRecord.Measure(message);
        MessageRecord.Write(block.Add(MessageRecord.Kind, MessageRecord.AttributesOf(message), timestamp: 0, bodyBytes), message);
        Assert.True(ProducerStamp.TryRead(block[0], out ProducerStamp stamp));
        Assert.Equal(9560254207099163433UL, stamp.ComputeCheck());
    }

    [Fact] // retried first, then a record for each reason: reason, then start and count of each range
    public void Events_keep_their_form()
    {
        var batch = new QueueEventBatch();
        IQueueEventSink events = batch;
        events.Settled(5, SettleReason.Completed);
        events.Settled(0x0102, SettleReason.Completed);
        events.Settled(6, SettleReason.Completed);
        events.Settled(9, SettleReason.Failed);
        events.Settled(10, SettleReason.RetriesExhausted);
        events.Settled(11, SettleReason.Expired);
        events.Retried(3, retries: 2, notBefore: 0x0a0b);
        events.Retried(4, retries: 1, notBefore: 0);

        using RecordBlock block = batch.Take(timestamp: 77);
        Assert.Equal(5, block.Count);
        AssertRecord(block[0], kind: 2, "0300000000000000 02000000 0b0a000000000000" + "0400000000000000 01000000 0000000000000000");
        AssertRecord(block[1], kind: 1, "01" + "0500000000000000 02000000" + "0201000000000000 01000000");
        AssertRecord(block[2], kind: 1, "02" + "0900000000000000 01000000");
        AssertRecord(block[3], kind: 1, "03" + "0a00000000000000 01000000");
        AssertRecord(block[4], kind: 1, "04" + "0b00000000000000 01000000");
    }

    [Fact] // S-54: 0x98: an array of eight; pairs stand one after the other in one array
    public void A_snapshot_of_a_partition_keeps_its_form()
    {
        var snapshot = new QueueSnapshot
        {
            MessageEnd = 7,
            EventEnd = 300,
            Settled = [new OffsetRange(0, 2), new OffsetRange(4, 5)],
            Delayed = [(2, 100)],
            Deadlines = [(3, 101)],
            Retries = [(6, 9)],
            Pending = [(DeadLetterReason.TerminalNack, new OffsetRange(5, 6))],
            Producers = [new RememberedProducer("p"u8.ToArray(), 103, [new SentMessage(1, 4, 0xfffffffffffffffe), new SentMessage(2, 6, 5)])],
        };
        byte[] encoded = snapshot.Encode();
        AssertBytes(
            "98 07 cd012c 94 00 02 04 05 92 02 64 92 03 65 92 06 09 93 02 05 06" + "93 c40170 67 96 01 04 cffffffffffffffffe 02 06 05", encoded);

        // One field more is for a later version (S-54).
        QueueSnapshot decoded = QueueSnapshot.Decode(
            Convert.FromHexString("9907cd012c940002040592026492036592060993020506" + "93c4017067960104cffffffffffffffffe020605" + "00"));
        Assert.Equal(encoded, decoded.Encode());

        // Files of before deduplication have one field less, those of before dead letters two.
        QueueSnapshot older = QueueSnapshot.Decode(Convert.FromHexString("9707cd012c940002040592026492036592060993020506"));
        Assert.Equal(snapshot.Pending, older.Pending);
        Assert.Empty(older.Producers);
        Assert.Empty(QueueSnapshot.Decode(Convert.FromHexString("9607cd012c9400020405920264920365920609")).Pending);
    }

    [Fact] // 0x9e: an array of fourteen
    public void An_entry_of_the_catalogue_keeps_its_form()
    {
        var plain = new QueueName("a", null);
        var all = new QueueSettings(4, 5, DeadLetterPolicy.Custom("c", "d")) { MaxMessages = 6, MaxBytes = 7, Overflow = OverflowPolicy.DropOldest, DeleteAfterIdleMs = 8 };
        AssertBytes("9e 01 a161 a162 c3 03 04 05 02 a163 a164 06 07 01 08", new QueueEntry(new QueueName("a", "b"), true, 3, all).Encode());
        AssertBytes("9e 01 a161 c0 c2 01 c0 c0 c0 c0 c0 c0 c0 00 c0", new QueueEntry(plain, false, 1, QueueSettings.Default).Encode());
        AssertBytes("9e 01 a161 c0 c3 01 c0 c0 00 c0 c0 c0 c0 00 c0", new QueueEntry(plain, true, 1, With(DeadLetterPolicy.Discard)).Encode());
        AssertBytes("9e 01 a161 c0 c3 01 c0 c0 01 c0 c0 c0 c0 00 c0", new QueueEntry(plain, true, 1, With(DeadLetterPolicy.Global)).Encode());

        static QueueSettings With(DeadLetterPolicy policy) => new(null, null, policy);
    }

    [Fact] // 0x99: an array of nine; the second kind of channel
    public void A_stream_in_the_catalogue_keeps_its_form()
    {
        AssertFrozen<Durability>((0, "Ephemeral"), (1, "Speculative"), (2, "Durable"));
        var name = new QueueName("a", null);
        var all = new StreamEntry(name, 3, new StreamSettings(Durability.Durable, new RetentionBounds(4, 5, 6), 7));
        AssertBytes("99 02 a161 c0 03 02 04 05 06 07", all.Encode());
        AssertBytes("99 02 a161 c0 01 00 c0 c0 c0 c0", new StreamEntry(name, 1, new StreamSettings(Durability.Ephemeral, RetentionBounds.None, null)).Encode());

        // One field more is for a later version (S-54).
        var reader = new MessagePack.MessagePackReader(Convert.FromHexString("9a02a161c003020405060700"));
        Assert.Equal(all, StreamEntry.Read(ref reader));
    }

    [Fact]
    public void Records_of_the_cursor_log_keep_their_form()
    {
        AssertFrozen<CursorRecordKind>((1, "Moved"), (2, "Trimmed"));
        using RecordBlock moved = CursorRecords.Moved([new StreamCursor("ab") { Position = 0x0102 }, new StreamCursor("c") { Position = 3 }], nowMs: 77);
        AssertRecord(moved[0], 1, "02 6162 0201000000000000" + "01 63 0300000000000000");
        using RecordBlock trimmed = CursorRecords.Trimmed(0x0102, nowMs: 77);
        AssertRecord(trimmed[0], 2, "0201000000000000");
    }

    [Fact] // records contained, first offset kept, then name, next offset and time of each cursor
    public void A_snapshot_of_cursors_keeps_its_form()
    {
        var snapshot = new CursorSnapshot(300, 7, [("a", 5, 6), ("b", 8, 9)]);
        AssertBytes("93 cd012c 07 96 a161 05 06 a162 08 09", snapshot.Encode());
        Assert.Equal(snapshot.Cursors, CursorSnapshot.Decode(Convert.FromHexString("94cd012c0796a1610506a162080900")).Cursors); // S-54
    }

    [Fact] // checksum and zeros, time, nine doubles, six floats, five counts, a double, two sizes, two counts, zeros
    public void A_sample_of_the_history_keeps_its_form()
    {
        var sample = new HistorySample
        {
            AtSeconds = 0x0102,
            PublishedPerSecond = 1,
            DeliveredPerSecond = 2,
            CompletedPerSecond = 3,
            DeadLetteredPerSecond = 4,
            RedeliveredPerSecond = 5,
            ExpiredPerSecond = 6,
            BytesInPerSecond = 7,
            BytesOutPerSecond = 8,
            CpuPercent = 9,
            ConfirmP50Ms = 1,
            ConfirmP99Ms = 2,
            DeliveryP50Ms = 3,
            DeliveryP99Ms = 4,
            SyncP50Ms = 5,
            SyncP99Ms = null,
            Backlog = 1,
            MostBacklog = 2,
            Inflight = 3,
            Delayed = 4,
            DeadLettering = 5,
            ResidentMegabytes = 0.5,
            DiskUsedBytes = 6,
            DiskFreeBytes = null,
            Connections = 7,
            Subscriptions = 8,
        };
        var record = new byte[HistoryRecord.Bytes];
        HistoryRecord.Write(record, sample);
        AssertBytes(
            LittleEndianCrc(record.AsSpan(4), seed: 0) + "00000000 0201000000000000"
            + "000000000000f03f 0000000000000040 0000000000000840 0000000000001040 0000000000001440 0000000000001840 0000000000001c40 0000000000002040 0000000000002240"
            + "0000803f 00000040 00004040 00008040 0000a040 0000c0ff 0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000"
            + "000000000000e03f 0600000000000000 ffffffffffffffff 07000000 08000000" + new string('0', 2 * 72),
            record);
        Assert.True(HistoryRecord.TryRead(record, out HistorySample read));
        Assert.Equal(sample, read);
    }

    [Fact] // "FBRLSEG\0", format 1, kind, salt, base offset, created, zeros, checksum
    public void A_segment_header_keeps_its_form()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(LogKind.Events, Salt: 0x11223344, BaseOffset: 0x0102, CreatedMs: 0x0304).Write(bytes);
        string zeros = new('0', 2 * 28);
        AssertBytes("4642524c53454700 0100 02 00 44332211 0201000000000000 0403000000000000" + zeros, bytes.AsSpan(0, 60));
        AssertBytes(LittleEndianCrc(bytes.AsSpan(0, 60), seed: 0), bytes.AsSpan(60));
    }

    [Fact] // length, checksum, unsynced, kind, attributes, zero, offset, timestamp, body, zeros to a multiple of eight
    public void A_record_keeps_its_form()
    {
        using RecordBlock block = RecordBlock.Rent(256);
        "abc"u8.CopyTo(block.Add(kind: 9, attributes: 3, timestamp: 0x0506, bodyBytes: 3));
        block.Seal(firstOffset: 0x0102, unsyncedBefore: 0x20, salt: 0x11223344);
        byte[] bytes = block.Bytes.ToArray();
        Assert.Equal(40, bytes.Length);
        AssertBytes("23000000", bytes.AsSpan(0, 4));
        AssertBytes(LittleEndianCrc(bytes.AsSpan(8, 27), seed: 0x11223344), bytes.AsSpan(4, 4));
        AssertBytes("20000000 09 03 0000 0201000000000000 0605000000000000 616263 0000000000", bytes.AsSpan(8));
    }

    [Fact] // "FBRLSNP\0", format 1, zero, length, checksum, payload
    public void A_snapshot_file_keeps_its_form()
    {
        var disk = new SimulatedFileSystem();
        string folder = Path.Combine(Path.DirectorySeparatorChar.ToString(), "data");
        disk.CreateDirectory(folder);
        SnapshotFile.Save(disk, folder, number: 42, "abc"u8, previous: null);
        KeyValuePair<string, byte[]> file = Assert.Single(disk.Content());
        Assert.Equal("state-00000000000000000042.snapshot", Path.GetFileName(file.Key));
        AssertBytes("4642524c534e5000 0100 0000 03000000" + LittleEndianCrc("abc"u8, seed: 0) + "616263", file.Value);
    }

    private static void AssertRecord(in Broker.Log.Records.Record record, byte kind, string body)
    {
        Assert.Equal((kind, 0, 77L), (record.Kind, record.Attributes, record.Timestamp));
        AssertBytes(body, record.Body);
    }

    private static void AssertBytes(string hex, ReadOnlySpan<byte> bytes) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(bytes));

    private static void AssertFrozen<T>(params (int Number, string Name)[] frozen) where T : struct, Enum =>
        Assert.Equal(frozen, Enum.GetValues<T>().Select(static value => (Convert.ToInt32(value, null), value.ToString())));

    /// <summary>CRC-32C bit by bit, from its definition.</summary>
    private static string LittleEndianCrc(ReadOnlySpan<byte> data, uint seed)
    {
        uint crc = ~seed;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0x82f63b78);
        }

        return Convert.ToHexStringLower(BitConverter.GetBytes(~crc));
    }
}
