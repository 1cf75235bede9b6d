using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Log;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Admin;

/// <summary>The audit trail on a disk that fails.</summary>
public sealed class AuditTrailTests
{
    private const int NotWritten = 2802; // the event of the log

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "data");

    private readonly SimulatedFileSystem _disk = new();
    private readonly RecordingLogger _log = new();

    [Theory]
    [InlineData(nameof(DiskOperationKind.Create))]
    [InlineData(nameof(DiskOperationKind.SyncDirectory))]
    [InlineData(nameof(DiskOperationKind.Write))]
    [InlineData(nameof(DiskOperationKind.Sync))]
    public void An_entry_that_the_disk_did_not_take_is_in_the_log_and_the_next_one_is_durable_all_the_same(string failing)
    {
        StorageDirectories.EnsureRoot(_disk, Root);
        using (AuditTrail trail = Open())
        {
            _disk.FailNext(Enum.Parse<DiskOperationKind>(failing));
            trail.Record(Entry("the first, whose text is the longer one"));
            Assert.Contains("Entry 1 ", Assert.Single(_log.Lines, static line => line.Event == NotWritten).Text, StringComparison.Ordinal);
            trail.Record(Entry("second"));
            Assert.Equal([2L, 1L], trail.Newest.Select(static entry => entry.Id)); // in memory both are there
            Assert.Single(_log.Lines, static line => line.Event == NotWritten);
        }

        using AuditTrail after = Open(_disk.AfterPowerLoss());
        Assert.Equal((2, "second"), Assert.Single(after.Newest.Select(static entry => (entry.Id, entry.Subject))));
        after.Record(Entry("third"));
        Assert.Equal(3, after.Newest[0].Id);
    }

    [Fact]
    public void A_disk_that_fails_for_good_leaves_the_newest_entries_in_memory()
    {
        StorageDirectories.EnsureRoot(_disk, Root);
        using AuditTrail trail = Open();
        _disk.FailAll("audit");
        for (int i = 0; i < AuditTrail.MostKept + 1; i++) trail.Record(Entry("orders"));
        Assert.Equal(AuditTrail.MostKept, trail.Newest.Count);
        Assert.Equal(AuditTrail.MostKept + 1, _log.Lines.Count(static line => line.Event == NotWritten));
    }

    private static AuditEntry Entry(string subject) => new(0, "queue_declared", AuditSeverity.Info, subject, "Declared.");

    private AuditTrail Open(SimulatedFileSystem? disk = null) => AuditTrail.Open(disk ?? _disk, Root, new FakeTimeProvider(), _log);
}
