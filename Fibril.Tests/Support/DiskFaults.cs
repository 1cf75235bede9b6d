namespace Fibril.Tests.Support;

/// <summary>Makes a simulated disk fail, and watches what is done to it.</summary>
internal static class DiskFaults
{
    public static IOException InputOutputError() => new("Input/output error", 5);

    public static IOException DiskFull() => new("No space left on device", 28);

    /// <summary>Makes the next operation of this kind on a path with this ending fail, once; afterwards the disk is well again.</summary>
    public static void FailNext(this SimulatedFileSystem disk, DiskOperationKind kind, string pathEnd = "", Exception? with = null) =>
        disk.BeforeOperation = operation =>
        {
            if (operation.Kind != kind || !operation.Path.EndsWith(pathEnd, StringComparison.Ordinal)) return;
            disk.BeforeOperation = null;
            throw with ?? InputOutputError();
        };

    /// <summary>Makes these operations fail, besides whatever is called before each of them, until the result is called.</summary>
    public static Action FailAlso(this SimulatedFileSystem disk, Predicate<DiskOperation> fails)
    {
        Action<DiskOperation>? usual = disk.BeforeOperation;
        disk.BeforeOperation = operation =>
        {
            usual?.Invoke(operation);
            if (fails(operation)) throw InputOutputError();
        };
        return () => disk.BeforeOperation = usual;
    }

    /// <summary>Makes every operation on a path with this ending fail, until the disk is well again.</summary>
    public static void FailAll(this SimulatedFileSystem disk, string pathEnd) => disk.BeforeOperation = operation =>
    {
        if (operation.Path.EndsWith(pathEnd, StringComparison.Ordinal)) throw InputOutputError();
    };

    /// <summary>What <paramref name="work"/> does to the disk.</summary>
    public static List<DiskOperation> OperationsOf(this SimulatedFileSystem disk, Action work)
    {
        var operations = new List<DiskOperation>();
        disk.BeforeOperation = operations.Add;
        work();
        disk.BeforeOperation = null;
        return operations;
    }

    /// <summary>How often <paramref name="work"/> does something of one kind to the disk.</summary>
    public static int CountOf(this SimulatedFileSystem disk, DiskOperationKind kind, Action work) =>
        disk.OperationsOf(work).Count(operation => operation.Kind == kind);

    /// <summary>The last write of records that <paramref name="work"/> causes, and the disk as it was before, all of it durable.</summary>
    public static (SimulatedFileSystem Before, DiskOperation Write) LastWriteOf(this SimulatedFileSystem disk, Action work)
    {
        SimulatedFileSystem before = disk.AfterPowerLoss();
        return (before, disk.OperationsOf(work).Last(static operation => operation.Kind == DiskOperationKind.Write));
    }
}
