using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;
using Record = Fibril.Broker.Log.Records.Record;

namespace Fibril.Tests.Storage;

/// <summary>The contract, and a log, on the operating system's files.</summary>
public sealed class PhysicalFileSystemTests : FileSystemContract, IDisposable
{
    private readonly TemporaryDirectory _temporary;

    public PhysicalFileSystemTests()
        : this(new TemporaryDirectory())
    {
    }

    private PhysicalFileSystemTests(TemporaryDirectory temporary)
        : base(new PhysicalFileSystem(), temporary.PathOf("contract")) =>
        _temporary = temporary;

    [Fact] // S-19, S-25
    public void Log_in_real_files_rolls_retires_and_recovers()
    {
        string directory = _temporary.PathOf("log");
        Files.CreateDirectory(directory);
        var opened = new OpenedLog(Files, directory, neededFrom: 0);
        string[] texts = [.. Enumerable.Range(0, 60).Select(static i => LogHarness.Text(i, 1000))];
        foreach (string text in texts) opened.Commit(text);
        Assert.Equal(60, opened.Log.DurableEnd);
        long kept = opened.Log.ActiveSegmentBase;
        opened.Log.DropBefore(kept);
        opened.Close();

        var again = new OpenedLog(Files, directory, neededFrom: kept);
        Assert.Equal((kept, 60L), (again.Log.StartOffset, again.Log.NextOffset));
        Assert.Equal(texts[(int)kept..], again.Visited);
        Assert.Single(Files.ListFiles(directory));
        again.Commit("goes on");
        again.Close();
        Assert.Equal([.. texts[(int)kept..], "goes on"], new OpenedLog(Files, directory, kept).Visited);
    }

    public void Dispose() => _temporary.Dispose();

    private sealed class OpenedLog : ILogObserver, IRecordVisitor
    {
        private readonly SteppedScheduler _scheduler = new();

        public OpenedLog(IStorageFileSystem files, string directory, long neededFrom)
        {
            uint salt = 0x5eed + (uint)neededFrom;
            var environment = new LogEnvironment(files, _scheduler, TimeProvider.System, () => salt++, PartitionHarness.SmallSegments());
            Log = SegmentedLog.Open(environment, this, directory, LogKind.Messages, neededFrom, neededFrom, neededFrom, this);
        }

        public SegmentedLog Log { get; }

        public List<string> Visited { get; } = [];

        void ILogObserver.FilesNotRemoved(Exception failure) => Assert.Fail(failure.ToString());

        public void Commit(string text)
        {
            RecordBlock block = RecordBlock.Rent(LogHarness.SizeOf(text));
            Encoding.UTF8.GetBytes(text, block.Add(kind: 1, attributes: 0, timestamp: 0, text.Length));
            Log.Append(block);
            Log.Flush();
            _scheduler.RunToIdle();
            Assert.Null(Log.Fault);
        }

        public void Close()
        {
            Log.RequestClose();
            _scheduler.RunToIdle();
            Assert.True(Log.IsClosed);
        }

        void ILogObserver.LogAdvanced(bool flushThreadIsBusy)
        {
        }

        void IRecordVisitor.Visit(in Record record) => Visited.Add(Encoding.UTF8.GetString(record.Body));
    }
}
