namespace Fibril.Tests.PlantedFaults;

/// <summary>The faults, in the order of a message's life.</summary>
internal static class PlantedFaultList
{
    private const string Log = "Fibril.Broker/Log/";
    private const string Queues = "Fibril.Broker/Queues/";
    private const string State = Queues + "State/";

    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        new("Messages are confirmed without an fdatasync", Log + "SegmentedLog.Flush.cs",
            "        _file?.Sync();\n", "", "CrashPointTests", "SettlementSyncTests"),
        new("A failed sync counts as one that succeeded", Queues + "QueuePartition.Publish.cs",
            "if (block.EndOffset > _messages.DurableEnd)", "if (block.EndOffset > long.MaxValue - 1)", "PublishTests", "OutageTests"),
        new("Checksums are not looked at", Log + "Records/RecordHeader.cs",
            "BinaryPrimitives.ReadUInt32LittleEndian(record[ChecksumAt..]) == Crc32C.Compute(record[UnsyncedAt..], salt);",
            "salt == salt;", "LogDamageTests", "CrashPointTests"),
        new("A torn tail is left where it is", Log + "SegmentedLog.Open.cs",
            "if (!scan.TailIsClean) file.Truncate(scan.EndPosition);", "if (!scan.TailIsClean) { }", "LogRecoveryTests", "CrashPointTests"),
        new("After a failed sync recovery trusts pages that the disk never got", Log + "SegmentedLog.Open.cs",
            "        WriteAgain(file, scan.UnsyncedFrom > SegmentHeader.Size ? scan.UnsyncedFrom : 0, scan.EndPosition);\n", "",
            "LogFaultTests", "OutageTests", "LogHistoryTests", "PartitionFaultTests", "QueueModelTests"),
        new("A snapshot is renamed before it is synced", Log + "SnapshotFile.cs",
            "            file.Sync();\n", "", "SnapshotFileTests", "CrashPointTests"),
        new("Segments go on the strength of events that are not synced", Queues + "QueuePartition.Snapshots.cs",
            "_snapshot is { IsStarted: false } snapshot && _events.DurableEnd >= snapshot.Footing.EventEnd",
            "_snapshot is { IsStarted: false } snapshot", "CrashPointTests", "RestartTests"),
        new("The settled frontier is one too far", State + "QueueState.cs",
            "_settled.IsEmpty || _settled.First.Start > 0 ? 0 : _settled.First.End;",
            "_settled.IsEmpty || _settled.First.Start > 0 ? 0 : _settled.First.End + 1;", "QueueStateTests"),
        new("Two deliveries get the same tag", Queues + "Delivery/DeliveryTags.cs",
            "(ulong)(Interlocked.Add(ref _next, count) - count)", "(ulong)Interlocked.Read(ref _next)", "DeliveryTagTests", "QueueModelTests"),
        new("A time to live drops a message that a consumer holds", State + "QueueState.cs",
            "if (_ready.Remove(offset)) Expire(offset);", "{ _ready.Remove(offset); Expire(offset); }", "ExpiryTests", "QueueStateTests"),
        new("An expired message is delivered when it comes back", State + "QueueState.cs",
            "if (_deadlines.PassedOrWatch(offset, now.UnixMs)) Expire(offset);\n        else _ready.Add(offset);", "_ready.Add(offset);", "ExpiryTests"),
        new("A retry limit of n allows n - 1 retries", State + "QueueState.cs",
            "if (retries > maxRetries)", "if (retries >= maxRetries)", "SettlementTests", "QueueModelTests"),
        new("A tag of another session settles", State + "QueueState.cs",
            "return lease?.Subscription == by ? lease : null;", "return lease;", "SettlementTests", "QueueModelTests"),
        new("Prefetch is exceeded by one", Queues + "Delivery/QueueSubscription.cs",
            "AutoAck || InFlight < Prefetch;", "AutoAck || InFlight <= Prefetch;", "PrefetchTests"),
        new("Auto-ack settles before the delivery was sent", Queues + "QueuePartition.Settle.cs",
            "lease && lease.Tag <= sentThrough)", "lease && lease.Tag <= ulong.MaxValue - sentThrough)", "AutoAckTests"),
        new("A delayed message is delivered at once after a restart", State + "QueueState.Recovery.cs",
            "if (notBefore > now.UnixMs && _ready.Remove(offset))", "if (notBefore > now.UnixMs + long.MaxValue / 2 && _ready.Remove(offset))", "DelayTests", "RestartTests"),
        new("A message is settled when its copy to the dead-letter target has begun", State + "QueueState.DeadLetters.cs",
            "        events.CopyBegun(offset);\n        return true;", "        events.CopyBegun(offset);\n        FinishCopy(offset);\n        return true;", "DeadLetterTests"),
        new("Without a global target dead letters are dropped", Queues + "QueuePartition.DeadLetters.cs",
            "if (!_state.KeepsDeadLetters) return", "if (!_state.KeepsDeadLetters || _host.Route(Id.Queue, Settings.DeadLetterPolicy!).Target is null) return", "DeadLetterTests"),
        new("A restart forgets which messages wait for their copy", State + "QueueState.Recovery.cs",
            "foreach ((DeadLetterReason reason, OffsetRange offsets) in snapshot.Pending) _pending.Add(reason, offsets);", "", "DeadLetterTests"),
        new("After an outage no snapshot covers the events that were lost", Queues + "QueuePartition.Outage.cs",
            "_forcedSnapshots = 2;", "_forcedSnapshots = 0;", "OutageTests"),
        new("A purge is not written down", State + "QueueState.Purge.cs",
            "        events.Purged(offsets);\n", "", "PurgeTests"),
        new("A queue is unloaded while somebody publishes to it", Queues + "Slots/PartitionSlot.cs",
            "if (_uses[(int)PartitionUse.Publish] > 0)", "if (_uses[(int)PartitionUse.Publish] > 100)", "IdleQueueTests"),
        new("A deletion does not look whether messages are held", Queues + "QueuePartition.Operate.cs",
            "        return _state.LeasedCount;\n", "        return 0;\n", "QueueDeletionTests"),
        new("A catalogue entry is visible before it is durable", Queues + "Catalogue/ChannelCatalogue.cs",
            "        _onTheirWay[name] = entry;\n", "        _onTheirWay[name] = entry;\n        Adopt(name, entry);\n", "ChannelCatalogueTests"),
    ];
}
