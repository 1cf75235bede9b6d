using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Failures;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Which dead letters to replay: those that meet every condition that is given. Messages that are no dead letters never do.</summary>
/// <remarks>There is no condition on the partition key: it is not kept with the message. A header can stand in for it.</remarks>
internal sealed record ReplayFilter
{
    /// <summary>Reasons of D-32, any of which will do; none given means all.</summary>
    public IReadOnlyCollection<string> Reasons { get; init; } = [];

    /// <summary>The queue that they came from.</summary>
    public QueueName? Source { get; init; }

    /// <summary>Became dead letters at this time or later, Unix milliseconds.</summary>
    public long? FromMs { get; init; }

    /// <summary>Became dead letters before this time, Unix milliseconds.</summary>
    public long? ToMs { get; init; }

    /// <summary>Headers that they carry, with exactly these values.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Causes, any of which will do (see <see cref="FailureFingerprint"/>); none given means all.</summary>
    public IReadOnlyCollection<string> Fingerprints { get; init; } = [];

    /// <exception cref="ArgumentException">A reason is unknown, a text is no fingerprint, or no time lies between the two. The message says what to write instead.</exception>
    public void Check()
    {
        string[] known = [.. Enum.GetValues<DeadLetterReason>().Select(EventNames.Of)];
        if (Reasons.FirstOrDefault(reason => !known.Contains(reason)) is { } unknown)
            throw new ArgumentException($"\"{unknown}\" is no reason of a dead letter. Use one or more of {string.Join(", ", known)}.");
        if (Fingerprints.FirstOrDefault(static text => !FailureFingerprint.IsWellFormed(text)) is { } broken)
        {
            throw new ArgumentException(
                $"\"{ForError(broken)}\" is no fingerprint. Use one or more of those that groups of dead letters show: {FailureFingerprint.Length} of 0-9 and a-f.");
        }

        if (FromMs >= ToMs)
            throw new ArgumentException($"No time is at or after {FromMs} and before {ToMs}; give the earlier one first, in Unix milliseconds.");
    }

    /// <summary>The source of a dead letter that meets the conditions; null for any other message.</summary>
    public DeadLetterSource? Match(in Record record)
    {
        HeaderBlock headers = new StoredMessage(record).Headers;
        return DeadLetterHeaders.Read(headers) is { } source && Meets(source) && HasHeaders(headers) && IsOfCause(source, record) ? source : null;
    }

    /// <summary>Asked last: it costs more than the others.</summary>
    private bool IsOfCause(DeadLetterSource source, in Record record) => Fingerprints.Count == 0 || Fingerprints.Contains(FailureFingerprint.Of(source, record).Id);

    private bool Meets(DeadLetterSource source) =>
        (Reasons.Count == 0 || (source.Reason is { } reason && Reasons.Contains(reason)))
        && (Source is not { } queue || source.Queue == queue)
        && (FromMs is not { } from || source.AtMs >= from)
        && (ToMs is not { } to || source.AtMs < to);

    private bool HasHeaders(HeaderBlock headers)
    {
        foreach ((string key, string value) in Headers)
        {
            if (!headers.Has(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value))) return false;
        }

        return true;
    }

    private static string ForError(string text) => new([.. text.Take(32).Select(static character => char.IsControl(character) ? '?' : character)]);
}
