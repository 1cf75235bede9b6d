using Fibril.Broker.Hosting;
using Fibril.Cli;
using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Dashboard.Hosting;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Fibril.Topology;

namespace Fibril.Tests.Architecture;

/// <summary>Which module may know which, read from the compiled code. The drawing is in Fibril.Broker/README.md.</summary>
public sealed class ModuleArrowsTests
{
    private const string Root = "Fibril.Broker.";

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Primitives"] = [],
        ["Log"] = ["Primitives"],
        ["Partitions"] = ["Log", "Primitives"],
        ["Channels"] = ["Partitions", "Log", "Primitives"],
        ["Queues"] = ["Channels", "Partitions", "Log", "Primitives"],
        ["Streams"] = ["Channels", "Partitions", "Log", "Primitives"],
        ["Security"] = ["Log", "Primitives"],
        ["Sessions"] = ["Security", "Queues", "Streams", "Channels", "Partitions", "Log", "Primitives"],
        ["RuntimeSettings"] = ["Sessions", "Queues", "Streams", "Channels", "Log", "Primitives"],
        ["Statistics"] = ["Sessions", "Queues", "Streams", "Channels", "Log", "Primitives"],
        ["Admin"] = ["Statistics", "RuntimeSettings", "Security", "Sessions", "Queues", "Streams", "Channels", "Log", "Primitives"],
        ["Hosting"] = ["Admin", "Statistics", "RuntimeSettings", "Security", "Sessions", "Queues", "Streams", "Channels", "Partitions", "Log", "Primitives"],
    };

    // Where nothing may look at a clock, or wait, but by the TimeProvider it was given (Z-1).
    private static readonly string[] UnderFakeTime = ["Primitives", "Log", "Partitions", "Channels", "Queues", "Streams", "Security", "Sessions", "RuntimeSettings", "Statistics", "Admin"];

    private static readonly string BrokerPath = typeof(BrokerOptions).Assembly.Location;

    [Fact]
    public void Every_module_of_the_broker_has_its_arrows_here()
    {
        IEnumerable<string?> modules = AssemblyReader.UsesOfTypes(BrokerPath).Select(static use => ModuleOf(use.ByNamespace));
        Assert.Equal(MayUse.Keys.Order(), modules.OfType<string>().Distinct().Order());
    }

    [Fact]
    public void Arrows_between_the_modules_of_the_broker_point_one_way()
    {
        Use[] against =
        [
            .. AssemblyReader.UsesOfTypes(BrokerPath).Where(static use =>
                ModuleOf(use.ByNamespace) is { } by && ModuleOf(use.OfNamespace) is { } of && by != of && !MayUse[by].Contains(of)),
        ];
        Assert.True(against.Length == 0, string.Join('\n', against));
    }

    [Theory] // the reader sees what it is asked about, wherever it stands
    [InlineData("Fibril.Broker.Queues.QueuePartition", "Fibril.Broker.Partitions.PartitionLoop", "declaration")]
    [InlineData("Fibril.Broker.Queues.QueuePartition", "Fibril.Broker.Log.ILogObserver", "declaration")]
    [InlineData("Fibril.Broker.Queues.QueuePartition", "Fibril.Broker.Log.SegmentedLog", "_messages")]
    [InlineData("Fibril.Broker.Queues.QueuePartition", "Fibril.Broker.Primitives.FaultTrace", "Park")]
    [InlineData("Fibril.Broker.Queues.QueuePartition", "Fibril.Broker.Log.Records.RecordBlock", "_completed")]
    [InlineData("Fibril.Broker.Queues.QueueRegistry", "System.ArgumentException", "NoSuchPartition")]
    [InlineData("Fibril.Broker.Log.Files.NativeFile", "System.IO.IOException", "ThrowUnlessInterrupted")]
    public void A_use_that_exists_is_found(string by, string of, string member) =>
        Assert.Contains(AssemblyReader.UsesOfTypes(BrokerPath), use => use.By == by && use.Of == of && use.Member == member);

    [Fact] // the Log module is the only one that opens files; Hosting reads the configuration
    public void Files_are_opened_by_the_log_alone()
    {
        string[] doors =
        [
            "System.IO.File", "System.IO.FileStream", "System.IO.FileInfo", "System.IO.Directory", "System.IO.DirectoryInfo",
            "System.IO.RandomAccess", "System.IO.StreamReader", "System.IO.StreamWriter", "Microsoft.Win32.SafeHandles.SafeFileHandle",
        ];
        Use[] uses = [.. AssemblyReader.UsesOfTypes(BrokerPath).Where(use => doors.Contains(use.Of))];
        Assert.Contains(uses, static use => ModuleOf(use.ByNamespace) == "Log");
        Use[] elsewhere = [.. uses.Where(static use => ModuleOf(use.ByNamespace) is not (null or "Log" or "Hosting"))];
        Assert.True(elsewhere.Length == 0, string.Join('\n', elsewhere));
    }

    [Fact] // Z-1
    public void Time_comes_from_the_time_provider()
    {
        IReadOnlyCollection<Use> uses = AssemblyReader.UsesOfMembers(BrokerPath);
        Assert.Contains(uses, static use => use.Of == "System.TimeProvider::GetUtcNow()");
        Use[] clocks = [.. uses.Where(static use => UnderFakeTime.Contains(ModuleOf(use.ByNamespace)) && IsSystemClock(use.Of))];
        Assert.True(clocks.Length == 0, string.Join('\n', clocks));
    }

    [Theory]
    [InlineData(typeof(Frame), "")]
    [InlineData(typeof(FibrilClient), "Fibril.Protocol")]
    [InlineData(typeof(IFibrilConsumer), "Fibril.Client, Fibril.Protocol")]
    [InlineData(typeof(CliApplication), "Fibril.Client, Fibril.Issuing, Fibril.Protocol")]
    [InlineData(typeof(LocalTopology), "")]
    [InlineData(typeof(DashboardServices), "Fibril.ServiceDefaults")]
    [InlineData(typeof(BrokerOptions), "Fibril.Dashboard, Fibril.Protocol, Fibril.ServiceDefaults")]
    public void Projects_refer_to_no_other_projects_than_these(Type member, string allowed)
    {
        IEnumerable<string> own = ReferencesOf(member).Where(static name => name.StartsWith("Fibril", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(own.Except(allowed.Split(", ")));
    }

    [Theory] // the base class library only
    [InlineData(typeof(Frame))]
    [InlineData(typeof(LocalTopology))]
    public void Protocol_and_topology_need_no_packages(Type member) =>
        Assert.All(ReferencesOf(member), static name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    private static string[] ReferencesOf(Type member) => [.. member.Assembly.GetReferencedAssemblies().Select(static name => name.Name!)];

    private static bool IsSystemClock(string member) =>
        member.StartsWith("System.Diagnostics.Stopwatch::", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.Thread::Sleep", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.Timer::.ctor", StringComparison.Ordinal)
        || member is "System.DateTime::get_UtcNow()" or "System.DateTime::get_Now()" or "System.DateTimeOffset::get_UtcNow()"
            or "System.DateTimeOffset::get_Now()" or "System.Environment::get_TickCount()" or "System.Environment::get_TickCount64()"
            or "System.TimeProvider::get_System()"
        || (TakesATime(member) && !member.Contains("TimeProvider", StringComparison.Ordinal));

    /// <summary>Waits that have a form with a TimeProvider and were not given one.</summary>
    private static bool TakesATime(string member) => member.Contains("TimeSpan", StringComparison.Ordinal) && (
        member.StartsWith("System.Threading.Tasks.Task::Delay", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.Tasks.Task::WaitAsync", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.Tasks.Task`1::WaitAsync", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.PeriodicTimer::.ctor", StringComparison.Ordinal)
        || member.StartsWith("System.Threading.CancellationTokenSource::.ctor", StringComparison.Ordinal));

    /// <summary>The module of a namespace: the part behind the root; null for code that belongs to none.</summary>
    private static string? ModuleOf(string @namespace) =>
        @namespace.StartsWith(Root, StringComparison.Ordinal) ? @namespace[Root.Length..].Split('.')[0] : null;
}
