using Fibril.Protocol;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>What single messages promise beyond their layout.</summary>
public sealed class MessageTests
{
    private static readonly Guid Ordered = Guid.ParseExact("00112233-4455-6677-8899-aabbccddeeff", "D");

    [Fact]
    public void Uuids_go_over_the_wire_in_the_order_of_their_text() // V-4
    {
        var message = new SubscribeOkMessage(8, "jobs", 0, null, 8, "default", 3, Ordered);

        byte[] body = Body(message);

        Assert.EndsWith("00112233445566778899aabbccddeeff", Hex.Text(body));
        Assert.Equal(message, Read<SubscribeOkMessage>(body));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(9001)]
    [InlineData(ushort.MaxValue)]
    public void Close_reasons_that_are_not_known_survive(ushort code) // V-5
    {
        var closed = new SubscriptionClosedMessage(1, (CloseReason)code, "later");
        var result = new ReconcileResultMessage([new ReconcileVerdict(null, null, ReconcileAction.Keep, (CloseReason)code, "later")]);

        Assert.Equal(code, (ushort)Read<SubscriptionClosedMessage>(Body(closed)).Code);
        Assert.Equal(code, (ushort)Read<ReconcileResultMessage>(Body(result)).Verdicts.Single().Code);
    }

    [Fact] // ERR-1: a code from a newer server still says whether a retry helps
    public void Error_codes_that_are_not_known_survive() =>
        Assert.Equal(new ErrorMessage((ErrorCode)503, ""), Read<ErrorMessage>(Body(new ErrorMessage((ErrorCode)503, ""))));

    [Theory] // ERR-1
    [InlineData(1, false)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(408, false)]
    [InlineData(409, true)]
    [InlineData(410, false)]
    [InlineData(426, false)]
    [InlineData(499, false)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(ushort.MaxValue, true)]
    public void Conflicts_and_codes_from_500_on_are_worth_a_retry(ushort code, bool transient) =>
        Assert.Equal(transient, ErrorCodes.IsTransient((ErrorCode)code));

    [Theory]
    [InlineData(CloseReason.Matched, "matched")]
    [InlineData(CloseReason.ServerIdChanged, "server_id_changed")]
    [InlineData(CloseReason.ServerRestored, "server_restored")]
    [InlineData(CloseReason.ServerMismatch, "server_mismatch")]
    [InlineData(CloseReason.ServerRestoreFailed, "server_restore_failed")]
    [InlineData(CloseReason.ServerMissing, "server_missing")]
    [InlineData(CloseReason.ClientMissing, "client_missing")]
    [InlineData(CloseReason.Recreate, "recreate")]
    [InlineData(CloseReason.Unspecified, null)]
    [InlineData(CloseReason.TopicDeleted, null)]
    [InlineData((CloseReason)9001, null)]
    public void Verdicts_have_fixed_texts(CloseReason reason, string? token) => Assert.Equal(token, CloseReasons.TokenOf(reason));

    [Fact] // ENC-2
    public void Verdicts_of_an_older_server_have_no_reason_code()
    {
        var full = new ReconcileResultMessage(
        [
            new ReconcileVerdict(null, null, ReconcileAction.Keep, CloseReason.Matched, "matched"),
            new ReconcileVerdict(null, null, ReconcileAction.RecreateClientSide, CloseReason.Recreate, "recreate"),
        ]);
        byte[] body = Body(full);

        ReconcileResultMessage older = Read<ReconcileResultMessage>(body[..^4]);

        Assert.Equal(full.Verdicts.Select(verdict => verdict with { Code = CloseReason.Unspecified }), older.Verdicts);
        Assert.Equal(full.Verdicts, Read<ReconcileResultMessage>(body).Verdicts);
    }

    [Fact]
    public void Topology_reply_and_push_share_their_body_but_not_their_magic()
    {
        var snapshot = new TopologySnapshot(
            7,
            [new QueueRoute("orders", 1, "eu", [new BrokerAddress("a", 9876, ["x"])], 4, 2)],
            [new StreamRoute("audit", 0, [], 1, 1)]);
        byte[] reply = Body(new TopologyOkMessage(snapshot));
        byte[] push = Body(new TopologyUpdateMessage(snapshot));

        Assert.Equal(reply[4..], push[4..]);
        Assert.Equal("FTO1"u8, reply.AsSpan(0, 4));
        Assert.Equal("FTU1"u8, push.AsSpan(0, 4));
    }

    [Fact] // ENC-4
    public void Absent_group_and_empty_group_differ_on_the_wire()
    {
        byte[] absent = Body(new TopologyMessage("t", null));
        byte[] empty = Body(new TopologyMessage("t", ""));

        Assert.NotEqual(absent, empty);
        Assert.Null(Read<TopologyMessage>(absent).Group);
        Assert.Equal("", Read<TopologyMessage>(empty).Group);
    }

    [Fact]
    public void Passwords_and_resume_tokens_do_not_show_in_texts_made_for_logs()
    {
        var identity = new ResumeIdentity(Guid.Empty, Guid.Empty, Ordered);
        var hello = new HelloMessage("c", "1", 1, identity);
        var ok = new HelloOkMessage(1, identity, ResumeOutcome.Resumed, "s", ProtocolDefaults.ComplianceMarker);

        Assert.Equal("AuthMessage { Username = billing }", new AuthMessage("billing", "hunter2").ToString());
        Assert.Contains("ClientId", hello.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Ordered.ToString(), hello.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Ordered.ToString(), ok.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_take_part_in_comparisons() =>
        Assert.NotEqual(new AuthMessage("billing", "hunter2"), new AuthMessage("billing", "hunter3"));

    private static byte[] Body<T>(T message) where T : IWireMessage<T> => FrameBytes.Of(0, in message)[FrameHeader.Size..];

    private static T Read<T>(byte[] body) where T : IWireMessage<T>
    {
        Assert.True(Frame.TryRead(body, out T message, out DecodeError error), error.ToString());
        return message;
    }
}
