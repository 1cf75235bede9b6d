using Fibril.Protocol;
using Fibril.Tests.Protocol.Vectors;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Table 1.7 for a running connection, OPS-1, V-9: ERROR 400 under the request's id, and life goes on.</summary>
public class UnknownAndMalformedRequestTests
{
    private static readonly OpCode[] OfClients =
    [
        OpCode.Publish, OpCode.PublishDelayed, OpCode.Subscribe, OpCode.Ack, OpCode.Nack, OpCode.DeclareQueue, OpCode.DeclarePlexus,
        OpCode.SubscribeStream, OpCode.ReconcileClient, OpCode.Topology, OpCode.Auth, OpCode.RenewLease,
    ];

    private static readonly OpCode[] OfServers =
    [
        OpCode.HelloOk, OpCode.HelloErr, OpCode.AuthOk, OpCode.AuthErr, OpCode.PublishOk, OpCode.SubscribeOk, OpCode.SubscribeErr, OpCode.Deliver,
        OpCode.AssignmentChanged, OpCode.DeclareQueueOk, OpCode.DeclarePlexusOk, OpCode.ReconcileServer, OpCode.ReconcileResult, OpCode.TopologyOk,
        OpCode.Redirect, OpCode.TopologyUpdate, OpCode.GoingAway, OpCode.SubscriptionClosed, OpCode.Error, OpCode.RenewLeaseOk,
    ];

    public static TheoryData<OpCode> ClientOpCodes => [.. OfClients];

    [Fact]
    public async Task Every_number_that_no_client_sends_is_an_unknown_operation() // ENC-3, OPS-1, F-19, V-9
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        OpCode[] answered = [.. OfClients, OpCode.Ping, OpCode.Pong, OpCode.TopologyUpdateAck];
        IEnumerable<int> numbers = Enumerable.Range(0, 300).Concat(Enumerable.Range(990, 20)).Append(9999).Append(32768).Append(65535);
        foreach (OpCode opCode in numbers.Select(static number => (OpCode)number).Except(answered))
        {
            ulong id = 1000UL + (ulong)opCode;
            await peer.SendFrameAsync(opCode, id, 1, 2, 3);
            string text = await peer.ExpectErrorAsync(id, ErrorCode.Invalid);
            Assert.Contains($" {(int)opCode}.", text, StringComparison.Ordinal);          // 6.4: the number,
            Assert.Contains("newer than the broker", text, StringComparison.Ordinal);     // and what it may mean
        }

        await peer.ExpectSilenceAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Fact]
    public async Task An_operation_of_servers_or_brokers_is_refused_with_a_sound_body_too() // OPS-1
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        foreach (GoldenMessage golden in GoldenMessages.All.Where(static golden => OfServers.Contains(golden.OpCode)))
        {
            await peer.SendRawAsync(golden.Frame);
            await peer.ExpectErrorAsync(golden.RequestId, ErrorCode.Invalid);
        }

        foreach (int number in Enumerable.Range(80, 8).Concat(Enumerable.Range(93, 8)))
        {
            // 94 and 95 share their magic with SUBSCRIBE and SUBSCRIBE_STREAM (OPS-2).
            await peer.SendFrameAsync((OpCode)number, 7, GoldenMessages.Named("subscribe_minimal").Body);
            await peer.ExpectErrorAsync(7, ErrorCode.Invalid);
        }

        await peer.ExpectSilenceAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Theory]
    [MemberData(nameof(ClientOpCodes))]
    public async Task A_body_that_cannot_be_read_gets_error_400_and_changes_nothing(OpCode opCode) // V-9, O-10, F-19, 1.7
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        ulong id = 100;
        foreach (byte[] body in BodiesThatCannotBeRead(opCode))
        {
            await peer.SendFrameAsync(opCode, ++id, body);
            string text = await peer.ExpectErrorAsync(id, ErrorCode.Invalid);
            Assert.Contains(opCode.ToString(), text, StringComparison.Ordinal);
        }

        Assert.True(id > 110, $"Only {id - 100} bodies were tried.");
        await peer.ExpectSilenceAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Fact]
    public async Task Bodies_of_older_clients_are_understood() // ENC-2
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        foreach (OlderExample older in MalformedBodies.Older.Where(static older => OfClients.Contains(older.OpCode)))
        {
            await peer.SendFrameAsync(older.OpCode, 7, Hex.Bytes(older.Body));
            if (older.OpCode == OpCode.DeclareQueue) await peer.ExpectAsync<DeclareQueueOkMessage>(7);
        }

        byte[] publish = new TestPublish().ToFrame(8);
        byte[] withoutTtl = FrameBytes.Of(OpCode.Publish, 8, publish[FrameHeader.Size..^1]);
        await peer.SendRawAsync(withoutTtl);
        await peer.ExpectAsync<PublishOkMessage>(8);
    }

    private static IEnumerable<byte[]> BodiesThatCannotBeRead(OpCode opCode)
    {
        yield return [];
        yield return [0, 0, 0, 0];
        foreach (MalformedExample broken in MalformedBodies.All.Where(broken => broken.OpCode == opCode)) yield return Hex.Bytes(broken.Body);

        GoldenMessage[] sound = [.. GoldenMessages.All.Where(golden => golden.OpCode == opCode)];
        Assert.NotEmpty(sound);
        foreach (byte[] body in sound.Select(static golden => golden.Body))
        {
            yield return [.. body, 0];
            yield return [.. "FXX1"u8, .. body.AsSpan(4)];

            // Two prefixes are the older forms of ENC-2: whole but for an option at the end.
            int stillSound = opCode is OpCode.Publish or OpCode.DeclareQueue ? TrailingOptionBytes(body) : 0;
            for (int length = 0; length < body.Length; length++)
            {
                if (stillSound == 0 || length != body.Length - stillSound) yield return body[..length];
            }
        }
    }

    /// <summary>The option at the end is one byte when it is absent, nine when it is present.</summary>
    private static int TrailingOptionBytes(byte[] body)
    {
        bool isWholeWithout(int bytes) => Frame.TryRead(body.AsSpan(..^bytes), out DeclareQueueMessage _, out DecodeError _)
            || Frame.TryRead(body.AsSpan(..^bytes), out PublishMessage _, out DecodeError _);
        return isWholeWithout(1) ? 1 : 9;
    }
}
