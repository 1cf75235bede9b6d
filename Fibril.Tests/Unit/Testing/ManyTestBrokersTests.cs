using System.Diagnostics;
using System.Globalization;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Testing;

/// <summary>A test run may hold as many brokers as it has tests.</summary>
[Collection(MeasuresTheProcess.Name)]
public sealed class ManyTestBrokersTests
{
    [Fact]
    public async Task Hundreds_of_brokers_run_in_one_process_and_leave_nothing_behind()
    {
        int count = TestScale.Iterations(100);
        await using (FibrilTestBroker first = await FibrilTestBroker.StartAsync()) await UseAsync(first); // what is made once
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var brokers = new List<FibrilTestBroker>(count);
        var starts = new List<double>(count);
        for (int i = 0; i < count; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            brokers.Add(await FibrilTestBroker.StartAsync());
            starts.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        TimeSpan started = watch.Elapsed;
        long idle = GC.GetTotalMemory(forceFullCollection: true);
        watch.Restart();
        foreach (FibrilTestBroker broker in brokers) await UseAsync(broker);
        TimeSpan used = watch.Elapsed;
        long busy = GC.GetTotalMemory(forceFullCollection: true);
        watch.Restart();
        foreach (FibrilTestBroker broker in brokers) await broker.DisposeAsync();
        TimeSpan stopped = watch.Elapsed;
        brokers.Clear();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        starts.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} brokers: started in {started.TotalSeconds:F2} s (one: median {starts[count / 2]:F2} ms, longest {starts[^1]:F1} ms), "
            + $"used in {used.TotalSeconds:F2} s, stopped in {stopped.TotalSeconds:F2} s; "
            + $"{(idle - before) / count / 1024} KiB each when idle, {(busy - before) / count / 1024} KiB after use, {(after - before) / count / 1024} KiB left behind"));
        Assert.True((after - before) / count < 16 << 10, $"{before} bytes became {after} after {count} brokers");
    }

    private static async Task UseAsync(FibrilTestBroker broker)
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one"u8.ToArray());
        await using Subscription orders = await client.SubscribeAsync("orders");
        await foreach (ReceivedMessage message in orders)
        {
            await message.CompleteAsync();
            break;
        }

        await Patience.Until(async () => await broker.CountMessagesAsync("orders") == 0);
    }
}
