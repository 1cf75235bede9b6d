using Fibril.Broker.Queues.Inspection;

namespace Fibril.Tests.Unit.Queues;

// Operators take away what nobody holds: all of it, or single messages.
internal sealed partial class ReferenceQueue
{
    /// <summary>Everything that nobody holds is settled.</summary>
    /// <param name="amidCopies">True when copies may be under way, which a purge leaves alone.</param>
    /// <returns>How many.</returns>
    public int Purge(bool amidCopies = false) => _messages.Count(message => TryTakeAway(message, amidCopies));

    /// <summary>As a purge, for single messages.</summary>
    /// <returns>What becomes of each.</returns>
    public RemovalOutcome[] Remove(long[] offsets, bool amidCopies = false) => [.. offsets.Select(offset => Remove(offset, amidCopies))];

    /// <summary>What was said of messages that may have been copied meanwhile: one that is gone gets no copy, and any other does.</summary>
    public void Removed(long[] offsets, RemovalOutcome[] outcomes)
    {
        for (int i = 0; i < offsets.Length; i++)
        {
            if (outcomes[i] == RemovalOutcome.Unknown) continue;
            ReferenceMessage message = _messages[(int)offsets[i]];
            message.MayBeRemoved = false;
            if (outcomes[i] == RemovalOutcome.Removed) message.State = ReferenceState.Settled;
        }
    }

    private RemovalOutcome Remove(long offset, bool amidCopies)
    {
        if (offset < 0 || offset >= Count) return RemovalOutcome.Unknown;
        ReferenceMessage message = _messages[(int)offset];
        if (message.State == ReferenceState.Settled) return RemovalOutcome.SettledAlready;
        return TryTakeAway(message, amidCopies) ? RemovalOutcome.Removed : RemovalOutcome.Leased;
    }

    private static bool TryTakeAway(ReferenceMessage message, bool amidCopies)
    {
        if (message.State is ReferenceState.Leased or ReferenceState.Settled) return false;
        if (amidCopies && message.State == ReferenceState.Pending) message.MayBeRemoved = true;
        else message.State = ReferenceState.Settled;
        return true;
    }
}
