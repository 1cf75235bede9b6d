using System.Text;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.State;

namespace Fibril.Tests.Unit.Queues;

// A crash may take back what was done shortly before it, message by message. The reference keeps what was before, lets the new process find
// either, and takes over what it found.
internal sealed partial class ReferenceQueue
{
    private readonly List<List<ReferenceMessage>> _pasts = [];

    /// <summary>From here on a crash may bring back the present.</summary>
    public void Remember() => _pasts.Add([.. _messages.Select(static message => message.Clone())]);

    /// <summary>What was done by now is durable.</summary>
    public void Forget() => _pasts.Clear();

    /// <summary>The broker is a new process: no consumers, no leases, everything else as it was (M-15, D-7, D-12, M-43).</summary>
    /// <param name="interrupted">True when copies may have been made without being recorded (D-33).</param>
    public void Restart(bool interrupted)
    {
        Consumers.Clear();
        _meanBytes = 0;
        foreach (List<ReferenceMessage> version in _pasts.Append(_messages))
        {
            if (interrupted) version.ForEach(Interrupt);
            foreach (ReferenceMessage message in version.Where(static message => message.State == ReferenceState.Leased)) EndLease(message);
            version.ForEach(SettleDue);
        }
    }

    /// <summary>The engine tells the state of every message: it must be one that the reference allows.</summary>
    /// <param name="active">What is not settled.</param>
    /// <param name="copiesMayWait">True when a pending message may not have its copy yet.</param>
    public void Adopt(IReadOnlyDictionary<long, MessageState> active, bool copiesMayWait)
    {
        for (int offset = 0; offset < Count; offset++)
        {
            ReferenceMessage present = _messages[offset];
            MessageState? told = active.GetValueOrDefault(offset);
            if (_pasts.Count == 0 && present.State == ReferenceState.Settled && told is null) continue;
            ReferenceMessage[] versions = [.. VersionsOf(offset)];
            ReferenceMessage? found = Array.Find(versions, version => Agree(version, told, present.Copies, copiesMayWait));
            Assert.True(found is not null, $"offset {offset} is {told?.ToString() ?? "settled"}, and should be {Describe(versions)}");
            found.Copies = present.Copies;
            found.MostCopies = versions.Max(static version => version.MostCopies);
            if (told is null) found.State = ReferenceState.Settled;
            _messages[offset] = found;
        }

        Forget();
    }

    /// <summary>A message as it is, and as a crash may have left it, the newest first.</summary>
    private IEnumerable<ReferenceMessage> VersionsOf(int offset) => _pasts.Append(_messages).Reverse().Select(version => version[offset]);

    private bool Agree(ReferenceMessage message, MessageState? told, int copies, bool copiesMayWait)
    {
        if (told is null) return message.State == ReferenceState.Settled || (message.State == ReferenceState.Pending && MayBeGone(message, copies));
        if (told.Retries != message.Retries) return false;
        return message.State switch
        {
            ReferenceState.Ready => told.Status == MessageStatus.Ready && told.ExpiresAtMs == message.Deadline,
            ReferenceState.Delayed => told.Status == MessageStatus.Delayed && told.DueMs == message.NotBefore && told.ExpiresAtMs == message.Deadline,
            ReferenceState.Leased => told.Lease?.DeadlineMs == message.LeaseEndsMs,
            ReferenceState.Pending => told.Status == MessageStatus.PendingDlq && Keeps && (copiesMayWait || Target is null)
                && message.Reasons.Contains(Encoding.ASCII.GetString(DeadLetterReasons.NameOf(told.PendingReason!.Value))),
            _ => false,
        };
    }

    private static void Interrupt(ReferenceMessage message)
    {
        if (message.State != ReferenceState.Pending || !message.CopyMayHaveBegun) return;
        message.Reasons = [.. message.Reasons, "pending_recovery"];
        message.MostCopies++;
    }

    private static string Describe(IEnumerable<ReferenceMessage> versions) => string.Join(" or ", versions.Select(static version =>
        $"{version.State} after {version.Retries} retries, not before {version.NotBefore}, until {version.Deadline}, leased until {version.LeaseEndsMs}, "
        + $"dead of {string.Join('/', version.Reasons)}, with {version.Copies} of {version.MostCopies} copies"));
}
