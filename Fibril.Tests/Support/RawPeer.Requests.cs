using System.Text;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

internal sealed partial class RawPeer
{
    public const ulong HelloId = 1;
    public const ulong AuthId = 2;

    /// <summary>An id that no request of this peer has used.</summary>
    public ulong NewId() => _nextRequestId++;

    /// <summary>Sends bytes; false when the connection is gone.</summary>
    public Task<bool> SendRawAsync(ReadOnlyMemory<byte> bytes) => Patience.Wait(_connection.SendAsync(bytes));

    public Task<bool> SendAsync<T>(ulong requestId, T message) where T : IWireMessage<T> => SendRawAsync(FrameBytes.Of(requestId, message));

    /// <summary>Sends a frame with any operation and any body.</summary>
    public Task<bool> SendFrameAsync(OpCode opCode, ulong requestId, params byte[] body) => SendRawAsync(FrameBytes.Of(opCode, requestId, body));

    public static HelloMessage Hello(ResumeIdentity? resume = null) => new("raw", "1.0", FrameHeader.ProtocolVersion, resume);

    public async Task<HelloOkMessage> HelloAsync(ResumeIdentity? resume = null)
    {
        await SendAsync(HelloId, Hello(resume));
        HelloOkMessage reply = await ExpectAsync<HelloOkMessage>(HelloId);
        Identity = reply.Identity;
        return reply;
    }

    /// <summary>What the last HELLO_OK said this session is.</summary>
    public ResumeIdentity Identity { get; private set; }

    public async Task AuthAsync(string userName = "fibril", string password = "fibril")
    {
        await SendAsync(AuthId, new AuthMessage(userName, password));
        await ExpectAsync<AuthOkMessage>(AuthId);
    }

    /// <summary>Publishes and returns the offset from the confirm.</summary>
    public async Task<ulong> PublishAsync(TestPublish publish)
    {
        ulong id = NewId();
        await SendRawAsync(publish.ToFrame(id));
        return (await ExpectAsync<PublishOkMessage>(id)).Offset;
    }

    /// <summary>Publishes one message per text to <c>orders</c>.</summary>
    public async Task PublishAllAsync(params string[] texts)
    {
        foreach (string text in texts) await PublishAsync(new TestPublish { Text = text });
    }

    /// <summary>Publishes and returns the text of the refusal.</summary>
    public async Task<string> ExpectRefusedAsync(TestPublish publish, ErrorCode code)
    {
        ulong id = NewId();
        await SendRawAsync(publish.ToFrame(id));
        return await ExpectErrorAsync(id, code);
    }

    public async Task<uint> DeclareAsync(
        string topic = "orders", string? group = null, uint? count = null, uint? maxRetries = null, ulong? ttlMs = null, DeadLetterPolicy? policy = null)
    {
        ulong id = NewId();
        await SendAsync(id, new DeclareQueueMessage(topic, group, policy, maxRetries, count, ttlMs));
        DeclareQueueOkMessage reply = await ExpectAsync<DeclareQueueOkMessage>(id);
        Assert.Equal("stored", reply.Status);
        return reply.PartitionCount;
    }

    public static SubscribeMessage Subscription(
        string topic = "orders", uint partition = 0, string? group = null, uint prefetch = 1, bool autoAck = false) =>
        new(topic, partition, group, prefetch, autoAck, ConsumerGroup: null, ConsumerTarget: null, MemberId: null);

    public async Task<SubscribeOkMessage> SubscribeAsync(
        string topic = "orders", uint partition = 0, string? group = null, uint prefetch = 1, bool autoAck = false)
    {
        ulong id = NewId();
        await SendAsync(id, Subscription(topic, partition, group, prefetch, autoAck));
        return await ExpectAsync<SubscribeOkMessage>(id);
    }

    public async Task<uint> DeclareStreamAsync(
        string topic = "audit", uint? count = null, Durability tier = Durability.Durable, StreamRetention retention = default, uint? followers = null)
    {
        ulong id = NewId();
        await SendAsync(id, new DeclarePlexusMessage(topic, count, tier, retention, followers));
        DeclarePlexusOkMessage reply = await ExpectAsync<DeclarePlexusOkMessage>(id);
        Assert.Equal("stored", reply.Status);
        return reply.PartitionCount;
    }

    public static SubscribeStreamMessage StreamSubscription(
        string topic = "audit", uint partition = 0, string? name = null, StreamStart start = default, uint prefetch = 16, bool autoAck = false,
        params FilterClause[] filter) => new(topic, partition, name, start, filter, prefetch, autoAck);

    public Task<SubscribeOkMessage> SubscribeStreamAsync(
        string topic = "audit", uint partition = 0, string? name = null, StreamStart start = default, uint prefetch = 16, bool autoAck = false,
        params FilterClause[] filter) => SubscribeStreamAsync(StreamSubscription(topic, partition, name, start, prefetch, autoAck, filter));

    public async Task<SubscribeOkMessage> SubscribeStreamAsync(SubscribeStreamMessage request)
    {
        ulong id = NewId();
        await SendAsync(id, request);
        return await ExpectAsync<SubscribeOkMessage>(id);
    }

    /// <summary>Asks for something that is refused, and returns the text.</summary>
    public async Task<string> ExpectRefusedAsync<T>(T request, ErrorCode code) where T : IWireMessage<T>
    {
        ulong id = NewId();
        await SendAsync(id, request);
        return await ExpectErrorAsync(id, code);
    }

    /// <summary>Publishes one record per text to <c>audit</c>.</summary>
    public async Task PublishRecordsAsync(params string[] texts)
    {
        foreach (string text in texts) await PublishAsync(new TestPublish("audit") { Text = text });
    }

    /// <summary>ACK under the id of the delivery (FRM-12), with the delivery's own key. Completes when the broker has it.</summary>
    public async Task AckAsync(ReceivedDelivery delivery)
    {
        await AckAsync(delivery.PushId, delivery.Topic, delivery.Group, delivery.Partition, delivery.Tag);
        await WhenReadByBrokerAsync();
    }

    public Task AckAsync(ulong requestId, string topic, string? group, uint partition, params ulong[] tags) =>
        SendRawAsync(AckFrame(requestId, topic, group, partition, tags));

    public static byte[] AckFrame(ulong requestId, string topic, string? group, uint partition, params ulong[] tags)
    {
        var message = new AckMessage
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Group = group is null ? default : new OptionalUtf8(Encoding.UTF8.GetBytes(group)),
            Partition = partition,
            Tags = new TagList(FrameBytes.OfTags(tags)),
        };
        return FrameBytes.Of(requestId, in message);
    }

    /// <summary>NACK under the id of the delivery, with the delivery's own key. Completes when the broker has it.</summary>
    public async Task NackAsync(ReceivedDelivery delivery, bool requeue, ulong? notBefore = null)
    {
        await NackAsync(delivery.PushId, delivery.Topic, delivery.Group, delivery.Partition, requeue, notBefore, delivery.Tag);
        await WhenReadByBrokerAsync();
    }

    public Task NackAsync(
        ulong requestId, string topic, string? group, uint partition, bool requeue, ulong? notBefore, params ulong[] tags)
    {
        var message = new NackMessage
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Group = group is null ? default : new OptionalUtf8(Encoding.UTF8.GetBytes(group)),
            Partition = partition,
            Tags = new TagList(FrameBytes.OfTags(tags)),
            Requeue = requeue,
            NotBefore = notBefore,
        };
        return SendRawAsync(FrameBytes.Of(requestId, in message));
    }

    /// <summary>Asks for new leases of deliveries of <c>orders</c>, or of another queue, and returns the answer.</summary>
    public async Task<RenewLeaseOkMessage> RenewAsync(string topic, string? group, uint partition, params ulong[] tags)
    {
        ulong id = NewId();
        await SendAsync(id, new RenewLeaseMessage(topic, group, partition, tags));
        return await ExpectAsync<RenewLeaseOkMessage>(id);
    }

    /// <inheritdoc cref="RenewAsync(string, string, uint, ulong[])"/>
    public Task<RenewLeaseOkMessage> RenewAsync(params ulong[] tags) => RenewAsync("orders", null, 0, tags);

    public async Task<TopologySnapshot> TopologyAsync(string? topic = null, string? group = null)
    {
        ulong id = NewId();
        await SendAsync(id, new TopologyMessage(topic, group));
        return (await ExpectAsync<TopologyOkMessage>(id)).Snapshot;
    }

    /// <summary>Joins a cohort on one partition of <c>orders</c>.</summary>
    public async Task<SubscribeOkMessage> JoinAsync(
        uint partition = 0, string cohort = "default", Guid? memberId = null, uint? target = null, uint prefetch = 10, string topic = "orders")
    {
        ulong id = NewId();
        SubscribeMessage request = Subscription(topic, partition, prefetch: prefetch) with
        {
            ConsumerGroup = cohort,
            ConsumerTarget = target,
            MemberId = memberId,
        };
        await SendAsync(id, request);

        // The assignment that it causes may come first (COH-6).
        ReceivedFrame frame;
        while ((frame = await ReadAsync($"SUBSCRIBE_OK id {id}")).OpCode == OpCode.AssignmentChanged) _assignments.Enqueue(frame.Read<AssignmentChangedMessage>());
        if (frame.OpCode != OpCode.SubscribeOk || frame.RequestId != id) Assert.Fail($"Expected SUBSCRIBE_OK id {id}, got {frame}");
        return frame.Read<SubscribeOkMessage>();
    }

    /// <summary>The next assignment that was pushed.</summary>
    public async Task<AssignmentChangedMessage> ExpectAssignmentAsync() =>
        _assignments.TryDequeue(out AssignmentChangedMessage? earlier) ? earlier : await ExpectPushAsync<AssignmentChangedMessage>();

    private readonly Queue<AssignmentChangedMessage> _assignments = new();

    public async Task<IReadOnlyList<ReconcileVerdict>> ReconcileAsync(ReconcilePolicy policy, params SubscriptionDescriptor[] held)
    {
        ulong id = NewId();
        await SendAsync(id, new ReconcileClientMessage(policy, held));
        return (await ExpectAsync<ReconcileResultMessage>(id)).Verdicts;
    }
}
