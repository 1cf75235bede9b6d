using System.Diagnostics;
using System.Reflection;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

public sealed class HotPathAllocationTests
{
    [Fact]
    public Task Pipelined_publishing_allocates_nothing_on_the_callers_thread() => PublishAsync(PublishPipelined);

    [Fact]
    public Task Publishing_with_confirmation_allocates_nothing_on_the_callers_thread()
    {
        if (!IsOptimized) Assert.Skip("Without optimization every asynchronous method allocates.");
        return PublishAsync(PublishAndWait);
    }

    private static bool IsOptimized =>
        typeof(FibrilClient).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static void PublishAndWait(Publisher publisher, byte[] payload, MessageProperties properties)
    {
        ValueTask<long> publish = publisher.PublishAsync(payload.AsMemory(), properties);
        SpinWait wait = default;
        while (!publish.IsCompleted) wait.SpinOnce(sleep1Threshold: -1);
        if (publish.Result != 1) throw new InvalidOperationException("The offset is 1.");
    }

    private static async Task PublishAsync(Action<Publisher, byte[], MessageProperties> publish)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.TimeProvider = TimeProvider.System);
        Publisher publisher = session.Client.CreatePublisher("orders");
        var properties = new MessageProperties
        {
            ContentType = "application/json",
            PartitionKey = "customer-7",
            Headers = new MessageHeaders { ["tenant"] = "7" },
        };
        using var stop = new CancellationTokenSource();
        Task answering = AnswerAsync(session.Peer, stop.Token);
        byte[] payload = new byte[1024];

        // On a thread of its own: what a pool thread allocates for others would count.
        long allocated = -1;
        var thread = new Thread(() =>
        {
            for (int i = 0; i < 100; i++) publish(publisher, payload, properties);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) publish(publisher, payload, properties);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.Start();
        await Patience.Wait(Task.Run(thread.Join));
        await stop.CancelAsync();
        session.Peer.Dispose();
        await answering.ContinueWith(static _ => { }, TaskScheduler.Default); // it loses its peer
        Assert.Equal(0, allocated);
    }

    private static void PublishPipelined(Publisher publisher, byte[] payload, MessageProperties properties)
    {
        ValueTask<PublishConfirmation> begun = publisher.BeginPublishAsync(payload.AsMemory(), properties);
        if (!begun.IsCompleted) throw new InvalidOperationException("There is room.");
        PublishConfirmation first = begun.Result;
        SpinWait wait = default;
        while (!first.IsCompleted) wait.SpinOnce(sleep1Threshold: -1);
        if (first.GetAwaiter().GetResult() != 1) throw new InvalidOperationException("The offset is 1.");
    }

    private static async Task AnswerAsync(ScriptedPeer peer, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            SentFrame frame = await peer.ReadAsync();
            if (frame.OpCode == OpCode.Publish) peer.Send(frame.Id, new PublishOkMessage(1));
        }
    }
}
