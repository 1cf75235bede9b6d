namespace Fibril.Broker.Hosting;

/// <summary>Settings of other engines that files may hold: checked, shown, and without effect, because this log has no use for them.</summary>
internal sealed class AcceptedOptions
{
    /// <summary>Time between commits; 1 ms to 1 min, default 5 ms. This log starts the next commit when the one before it has ended.</summary>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Time a batch gathers; 1 ms to 1 min, default 5 ms. This log gathers while a commit is in flight.</summary>
    public TimeSpan BatchLinger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Records below which commits are pipelined; default 2048. This log pipelines all of them.</summary>
    public long PipelineCommitRecords { get; set; } = 2048;
}
