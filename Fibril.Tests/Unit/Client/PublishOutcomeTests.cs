using System.Buffers.Binary;
using System.Globalization;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>Many publishers, little room, cancellations, and a broker that answers in any order until it dies.</summary>
public sealed class PublishOutcomeTests
{
    private const int Callers = 4;
    private const int PublishesPerCaller = 300;

    [Fact]
    public async Task Every_publish_gets_its_own_outcome_and_none_is_left_waiting()
    {
        int seed = Environment.TickCount;
        for (int round = 0; round < TestScale.Iterations(10); round++) await PlayAsync(seed + round);
    }

    private static async Task PlayAsync(int seed)
    {
        var random = new Random(seed);
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options =>
        {
            ScriptedSession.StaysDisconnected(options);
            options.MaxPendingRequests = 16;
            options.WriteBufferBytes = 4 << 10;
        });
        Task answering = AnswerAsync(session.Peer, new Random(seed + 1), random.Next(Callers * PublishesPerCaller));
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(caller =>
        {
            var choice = new Random(seed + 2 + caller);
            return Task.Run(() => CallAsync(publisher, choice, caller * PublishesPerCaller, seed));
        })];
        await Patience.Wait(Task.WhenAll(callers));
        session.Peer.Dispose();
        await Patience.Wait(answering);
    }

    private static async Task CallAsync(Publisher publisher, Random random, int first, int seed)
    {
        var outcomes = new List<Task>();
        for (int number = first; number < first + PublishesPerCaller; number++)
        {
            using var cancellation = new CancellationTokenSource();
            byte[] payload = new byte[random.Next(8, 1500)];
            BinaryPrimitives.WriteInt64LittleEndian(payload, number);
            Task<long> publish = random.Next(2) == 0
                ? publisher.PublishAsync(payload.AsMemory(), cancellationToken: cancellation.Token).AsTask()
                : BeginAsync(publisher, payload, cancellation.Token);
            outcomes.Add(CheckAsync(publish, number, seed));
            if (random.Next(4) == 0) await cancellation.CancelAsync();
            else if (random.Next(8) == 0) await Task.WhenAll(outcomes);
        }

        await Task.WhenAll(outcomes);
    }

    private static async Task<long> BeginAsync(Publisher publisher, byte[] payload, CancellationToken cancellationToken) =>
        await await publisher.BeginPublishAsync(payload.AsSpan(), cancellationToken: cancellationToken);

    private static async Task CheckAsync(Task<long> publish, int number, int seed)
    {
        try
        {
            Assert.True(number == await publish, $"seed {seed}: {number} was confirmed as {await publish}");
        }
        catch (FibrilServerException refusal)
        {
            Assert.True(refusal.ServerMessage == Name(number), $"seed {seed}: {number} was refused as {refusal.ServerMessage}");
        }
        catch (Exception end) when (end is OperationCanceledException or FibrilConnectionException)
        {
            // Cancelled, or the broker died.
        }
    }

    /// <summary>Confirms and refuses in any order, and dies after so many publishes.</summary>
    private static async Task AnswerAsync(ScriptedPeer peer, Random random, int publishes)
    {
        var open = new List<(ulong Id, long Number)>();
        try
        {
            for (; publishes > 0; publishes--)
            {
                Task<SentFrame> next = peer.ReadAsync(OpCode.Publish);
                while (open.Count > (next.IsCompleted ? random.Next(12) : 0)) Answer(peer, open, random); // all when they may wait for them
                SentFrame frame = await next;
                open.Add((frame.Id, BinaryPrimitives.ReadInt64LittleEndian(frame.Payload)));
            }

            peer.Abort();
        }
        catch (Exception over) when (over is IOException or ObjectDisposedException)
        {
            // The callers were done before.
        }
    }

    private static void Answer(ScriptedPeer peer, List<(ulong Id, long Number)> open, Random random)
    {
        int index = random.Next(open.Count);
        (ulong id, long number) = open[index];
        open.RemoveAt(index);
        if (random.Next(5) == 0) peer.SendError(id, ErrorCode.Conflict, Name(number));
        else peer.Send(id, new PublishOkMessage((ulong)number));
        if (random.Next(10) == 0) peer.Send(id, new PublishOkMessage(ulong.MaxValue)); // twice: nobody's any more
    }

    private static string Name(long number) => number.ToString(CultureInfo.InvariantCulture);
}
