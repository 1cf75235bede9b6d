using Fibril.Protocol;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>A second copy of every number that leaves the process. If one of these fails, the change breaks clients in use.</summary>
public sealed class FrozenNumbersTests
{
    [Fact]
    public void Operations_keep_their_numbers() => AssertFrozen<OpCode>(
        (1, "Hello"), (2, "HelloOk"), (3, "HelloErr"), (10, "Auth"), (11, "AuthOk"), (12, "AuthErr"), (20, "Publish"),
        (21, "PublishDelayed"), (25, "PublishOk"), (30, "Subscribe"), (31, "SubscribeOk"), (32, "SubscribeErr"), (40, "Deliver"),
        (41, "Ack"), (42, "Nack"), (43, "AssignmentChanged"), (50, "Ping"), (51, "Pong"), (60, "DeclareQueue"),
        (61, "DeclareQueueOk"), (62, "DeclarePlexus"), (63, "DeclarePlexusOk"), (64, "SubscribeStream"), (70, "ReconcileClient"),
        (71, "ReconcileServer"), (72, "ReconcileResult"), (90, "Topology"), (91, "TopologyOk"), (92, "Redirect"),
        (101, "TopologyUpdate"), (102, "TopologyUpdateAck"), (103, "GoingAway"), (104, "SubscriptionClosed"), (255, "Error"),
        (1000, "RenewLease"), (1001, "RenewLeaseOk"));

    [Fact]
    public void Error_codes_keep_their_numbers() => AssertFrozen<ErrorCode>(
        (1, "UnsupportedVersion"), (400, "Invalid"), (401, "Unauthenticated"), (404, "NotFound"), (409, "Conflict"),
        (426, "TlsRequired"), (500, "ServerFault"), (507, "NoRoom"));

    [Fact]
    public void Content_types_keep_their_tags() => AssertFrozen<ContentTypeKind>(
        (0, "None"), (1, "MessagePack"), (2, "Json"), (3, "Text"), (4, "Custom"));

    [Fact]
    public void Durability_tiers_keep_their_numbers() => AssertFrozen<Durability>((0, "Ephemeral"), (1, "Speculative"), (2, "Durable"));

    [Fact]
    public void Stream_starts_keep_their_tags() => AssertFrozen<StreamStartKind>(
        (0, "Latest"), (1, "Earliest"), (2, "Offset"), (3, "Back"), (4, "Time"));

    [Fact]
    public void Resume_outcomes_keep_their_numbers() => AssertFrozen<ResumeOutcome>(
        (0, "New"), (1, "Resumed"), (2, "NotFound"), (3, "Rejected"), (4, "ResumedAfterRestart"));

    [Fact]
    public void Reconcile_policies_keep_their_numbers() => AssertFrozen<ReconcilePolicy>((0, "Conservative"), (1, "Restore"));

    [Fact]
    public void Reconcile_actions_keep_their_numbers() => AssertFrozen<ReconcileAction>(
        (0, "Keep"), (1, "CloseClientSide"), (2, "CloseServerSide"), (3, "RecreateClientSide"));

    [Fact]
    public void Dead_letter_policies_keep_their_tags() => AssertFrozen<DeadLetterPolicyKind>(
        (0, "Discard"), (1, "Global"), (2, "Custom"));

    [Fact]
    public void Close_reasons_keep_their_numbers() => AssertFrozen<CloseReason>(
        (0, "Unspecified"), (1, "Matched"), (2, "ServerIdChanged"), (3, "ServerRestored"), (4, "ServerMismatch"),
        (5, "ServerRestoreFailed"), (6, "ServerMissing"), (7, "ClientMissing"), (8, "Recreate"), (20, "TopicDeleted"),
        (21, "OwnerMoved"), (22, "BrokerShutdown"), (23, "CohortRemoved"), (24, "Lagged"), (40, "ServerError"));

    [Fact] // HND-5
    public void Compliance_marker_keeps_its_55_bytes()
    {
        Assert.Equal("v=1;license=MIT;ai_train=disallowed;policy=AI_POLICY.md", ProtocolDefaults.ComplianceMarker);
        Assert.Equal(55, System.Text.Encoding.UTF8.GetByteCount(ProtocolDefaults.ComplianceMarker));
    }

    [Fact]
    public void Constants_both_sides_rely_on_keep_their_values()
    {
        Assert.Equal((ushort)1, FrameHeader.ProtocolVersion);
        Assert.Equal(20, FrameHeader.Size);
        Assert.Equal(9876, ProtocolDefaults.BrokerPort);
        Assert.Equal(8081, ProtocolDefaults.AdminPort);
        Assert.Equal(TimeSpan.FromSeconds(5), ProtocolDefaults.HeartbeatInterval);
        Assert.Equal(3, ProtocolDefaults.HeartbeatMisses);
        Assert.Equal("stored", ProtocolDefaults.DeclaredStatus);
        Assert.Equal("default", ProtocolDefaults.DefaultCohort);
    }

    private static void AssertFrozen<T>(params (int Number, string Name)[] frozen) where T : struct, Enum =>
        Assert.Equal(frozen, Enum.GetValues<T>().Select(value => (Convert.ToInt32(value, null), value.ToString())));
}
