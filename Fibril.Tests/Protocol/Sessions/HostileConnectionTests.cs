using System.Buffers.Binary;
using Fibril.Protocol;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Connections that send anything at all: never a crash, a hang or memory without end, and everybody else is served (F-19).</summary>
public class HostileConnectionTests
{
    private const int FaultEvent = 2206;

    [Fact]
    public async Task Random_bytes_hurt_nobody()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer good = await broker.ConnectAsync();
        for (int round = 0; round < TestScale.Iterations(200); round++)
        {
            RawPeer hostile = broker.Accept(receiveBlockBytes: random.Next(3) == 0 ? random.Next(1, 40) : null);
            int stage = random.Next(3);
            if (stage > 0) await hostile.HelloAsync();
            if (stage > 1) await hostile.AuthAsync();
            for (int writes = random.Next(1, 5); writes > 0; writes--)
            {
                if (!await hostile.SendRawAsync(Garbage(random))) break;
            }

            if (random.Next(2) == 0) hostile.CloseSending();
            else await hostile.ResetAsync();
            broker.Time.Advance(TimeSpan.FromSeconds(3)); // whatever is still to be flushed or waited for
            await hostile.WhenEndedAsync();
            AssertSound(broker, seed);
        }

        await good.PublishAllAsync("0");
        await good.SubscribeAsync();
        await good.AckAsync(await good.ExpectDeliveryAsync());
        await good.ExpectSilenceAsync();
        Assert.Equal(1, broker.Connections.Count);
    }

    [Fact]
    public async Task Sound_frames_with_flipped_bits_hurt_nobody()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer good = await broker.ConnectAsync();
        await good.PublishAsync(new TestPublish("invoices", "emea"));
        for (int round = 0; round < TestScale.Iterations(60); round++)
        {
            RawPeer hostile = await broker.ConnectAsync();
            for (int frames = 0; frames < 40; frames++)
            {
                byte[] frame = [.. GoldenMessages.All[random.Next(GoldenMessages.All.Count)].Frame];
                if (frame.Length == 0) continue;
                for (int flips = random.Next(4); flips > 0; flips--)
                {
                    // The length stays, so that the damage reaches the decoders and what is behind them.
                    int at = random.Next(4, frame.Length);
                    frame[at] ^= (byte)(1 << random.Next(8));
                }

                if (!await hostile.SendRawAsync(frame)) break;
            }

            await hostile.PingUntilAnsweredAsync();
            await hostile.CloseAsync();
            AssertSound(broker, seed);
        }

        Assert.Equal(1UL, await good.PublishAsync(new TestPublish("invoices", "emea")));
        await good.ExpectSilenceAsync();
        Assert.Equal(1, broker.Connections.Count);
    }

    [Fact]
    public async Task More_partitions_than_a_session_remembers_lose_neither_messages_nor_settlements()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("0");
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery held = await peer.ExpectDeliveryAsync();

        // Refused publishes name more partitions than are remembered.
        await peer.SendRawAsync(Enumerable.Range(0, 5000).SelectMany(static number =>
            new TestPublish("orders", Partition: (uint)number + 2_000) { Confirm = false }.ToFrame((ulong)number)).ToArray());
        for (ulong number = 0; number < 5000; number++) await peer.ExpectErrorAsync(number, ErrorCode.Invalid);
        await peer.PublishAsync(new TestPublish { Text = "1" });
        Assert.Equal("1", (await peer.ExpectDeliveryAsync()).Text);
        await peer.AckAsync(held);
        await peer.PublishAsync(new TestPublish { Text = "2" });
        Assert.Equal("2", (await peer.ExpectDeliveryAsync()).Text);
        await peer.ExpectSilenceAsync();
    }

    private static void AssertSound(SessionHarness broker, int seed)
    {
        Assert.DoesNotContain(broker.Log.Lines, static line => line.Event == FaultEvent);
        Assert.True(!broker.Queues.OutOfService.Any(), $"Seed {seed} took a partition out of service:\n{broker.Log}");
    }

    private static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(1, 3000)];
        random.NextBytes(bytes);
        switch (random.Next(4))
        {
            case 0: // headers that fit, one behind the other
                for (int at = 0; at + FrameHeader.Size <= bytes.Length;)
                {
                    int body = random.Next(0, 60);
                    new FrameHeader((uint)body, (OpCode)random.Next(0, 110), (ulong)random.NextInt64()).Write(bytes.AsSpan(at));
                    at += FrameHeader.Size + body;
                }

                break;
            case 1: // one header with a length near a limit
                if (bytes.Length >= 4) BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)random.Next((64 << 10) - 2, (64 << 10) + 2));
                break;
            case 2: // a body with a magic
                byte[] golden = GoldenMessages.All[random.Next(GoldenMessages.All.Count)].Frame;
                golden.AsSpan(0, Math.Min(golden.Length, bytes.Length)).CopyTo(bytes);
                break;
        }

        return bytes;
    }
}
