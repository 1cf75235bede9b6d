using System.Text;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A frame as it came from the broker.</summary>
internal sealed record ReceivedFrame(FrameHeader Header, byte[] Body)
{
    public OpCode OpCode => Header.OpCode;

    public ulong RequestId => Header.RequestId;

    /// <summary>True for what the server sends without being asked, under its own counter (FRM-10).</summary>
    public bool IsPush => OpCode is OpCode.Ping or OpCode.Deliver or OpCode.TopologyUpdate or OpCode.SubscriptionClosed or OpCode.AssignmentChanged;

    /// <summary>Decodes the body; a failure is the broker's.</summary>
    public T Read<T>() where T : IWireMessage<T>
    {
        if (!Frame.TryRead(Body, out T message, out DecodeError error)) Assert.Fail($"{OpCode} cannot be decoded: {error}. {this}");
        return message;
    }

    /// <summary>The error body of one of the four operations that carry one.</summary>
    public ErrorMessage ReadError() => Read<ErrorMessage>();

    public override string ToString()
    {
        string text = OpCode is OpCode.Error or OpCode.AuthErr or OpCode.HelloErr or OpCode.SubscribeErr
            && Frame.TryRead(Body, out ErrorMessage error, out _)
            ? $" {error}"
            : "";
        return $"{OpCode} id {RequestId}{text} [{Hex.Text(Body.AsSpan(0, Math.Min(Body.Length, 200)))}]";
    }
}

/// <summary>A DELIVER, with copies of what the message only lends.</summary>
internal sealed record ReceivedDelivery(
    ulong PushId,
    ulong SubscriptionId,
    string Topic,
    string? Group,
    uint Partition,
    ulong Offset,
    ulong Tag,
    ulong Published,
    ulong PublishReceived,
    ContentTypeKind ContentType,
    string? CustomMime,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The text of <c>fibril.retries</c>; null when the header is absent.</summary>
    public string? Retries => Headers.GetValueOrDefault("fibril.retries");

    public static ReceivedDelivery From(ReceivedFrame frame)
    {
        if (!Frame.TryRead(frame.Body, out DeliverMessage message, out DecodeError error)) Assert.Fail($"{error}: {frame}");
        var headers = new Dictionary<string, string>();
        foreach (Header header in message.Headers) headers.Add(Encoding.UTF8.GetString(header.Key), Encoding.UTF8.GetString(header.Value));
        return new ReceivedDelivery(
            frame.RequestId,
            message.SubscriptionId,
            Encoding.UTF8.GetString(message.Topic),
            message.Group.IsPresent ? Encoding.UTF8.GetString(message.Group.Value) : null,
            message.Partition,
            message.Offset,
            message.DeliveryTag,
            message.Published,
            message.PublishReceived,
            message.ContentType.Kind,
            message.ContentType.Kind == ContentTypeKind.Custom ? Encoding.UTF8.GetString(message.ContentType.CustomMime) : null,
            headers,
            message.Payload.ToArray());
    }
}
