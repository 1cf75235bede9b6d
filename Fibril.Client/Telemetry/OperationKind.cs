using System.Diagnostics;

namespace Fibril.Client.Telemetry;

/// <summary>What a client does with messages, in the words of the messaging semantic conventions.</summary>
/// <param name="Name">In this client's words.</param>
/// <param name="Type">In everybody's words.</param>
/// <param name="Span">Kind of its activity.</param>
internal sealed record OperationKind(string Name, string Type, ActivityKind Span)
{
    public static readonly OperationKind Send = new("send", "send", ActivityKind.Producer);
    public static readonly OperationKind Receive = new("receive", "receive", ActivityKind.Client);
    public static readonly OperationKind Process = new("process", "process", ActivityKind.Consumer);
    public static readonly OperationKind Complete = new("complete", "settle", ActivityKind.Client);
    public static readonly OperationKind Fail = new("fail", "settle", ActivityKind.Client);
    public static readonly OperationKind Retry = new("retry", "settle", ActivityKind.Client);
}
