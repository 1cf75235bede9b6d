using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>A request that waits for its answer.</summary>
/// <remarks>
/// Keeps its place in <see cref="PendingReplies"/> until the answer arrives, also when nobody waits any more: a late answer must find its
/// request, because an error that belongs to none ends the connection (ERR-3).
/// </remarks>
internal abstract class PendingReply
{
    /// <summary>Set when the request gets its place.</summary>
    public ulong Id { get; set; }

    /// <summary>Timestamp at which the request was written.</summary>
    public long StartedAt { get; set; }

    /// <summary>What was asked, as part of a sentence.</summary>
    public abstract string Describe();

    /// <summary>Takes the answer. Runs on the receive loop, once, after the request lost its place.</summary>
    /// <exception cref="FibrilProtocolException">The answer does not fit the request, or is malformed.</exception>
    public abstract void Answer(OpCode opCode, ReadOnlySpan<byte> body);

    /// <summary>True when nobody waits any more.</summary>
    public abstract bool IsClaimed { get; }

    /// <summary>True for the one who may call <see cref="Fail"/>; false when the request was answered or given up already.</summary>
    public abstract bool TryClaim();

    /// <summary>Ends the waiting. Only after <see cref="TryClaim"/>.</summary>
    public abstract void Fail(Exception reason);

    /// <summary>The connection is gone; no answer will come. As <see cref="Answer"/>, called once and by the receive loop.</summary>
    public abstract void Abandon(FibrilException connectionFault);

    /// <summary>Reads an answer that is not the hoped-for one.</summary>
    /// <exception cref="FibrilProtocolException">It is no failure answer either, or is malformed.</exception>
    protected FibrilException ReadFailure(OpCode opCode, ReadOnlySpan<byte> body)
    {
        switch (opCode)
        {
            case OpCode.Error or OpCode.SubscribeErr:
                ErrorMessage refusal = Incoming.Read<ErrorMessage>(opCode, body);
                return new FibrilServerException(refusal.Code, refusal.Message, Describe());
            case OpCode.Redirect:
                RedirectMessage redirect = Incoming.Read<RedirectMessage>(opCode, body);
                return redirect.OwnerEndpoints.Count > 0
                    ? new FibrilRedirectException(redirect.OwnerEndpoints[0], Describe()) { PartitioningVersion = redirect.PartitioningVersion }
                    : throw new FibrilProtocolException($"The broker redirected {Describe()} without saying where to.");
            default:
                throw new FibrilProtocolException($"The broker answered {Describe()} with operation {opCode}.");
        }
    }
}
