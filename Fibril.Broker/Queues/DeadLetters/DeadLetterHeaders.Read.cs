using System.Globalization;
using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.DeadLetters;

internal static partial class DeadLetterHeaders
{
    private static ReadOnlySpan<byte> BrokerNamespace => "fibril."u8;

    /// <summary>Where a message comes from, by its headers; null when it is no dead letter.</summary>
    public static DeadLetterSource? Read(HeaderBlock headers)
    {
        string? topic = null;
        string? group = null;
        string? reason = null;
        (long? offset, long? retries, long? at) = (null, null, null);
        foreach (Header header in headers)
        {
            if (header.Key.SequenceEqual(SourceTopic)) topic = TextOf(header);
            else if (header.Key.SequenceEqual(SourceGroup)) group = TextOf(header);
            else if (header.Key.SequenceEqual(Reason)) reason = TextOf(header);
            else if (header.Key.SequenceEqual(SourceOffset)) offset = NumberOf(header);
            else if (header.Key.SequenceEqual(RetryCount)) retries = NumberOf(header);
            else if (header.Key.SequenceEqual(DeadLetteredAt)) at = NumberOf(header);
        }

        return topic is null ? null : new DeadLetterSource(new QueueName(topic, group), offset, retries, reason, at);
    }

    /// <summary>The headers of a replay: the user's and nobody else's (D-62).</summary>
    public static void WriteUsers(HeaderBlockBuilder headers, HeaderBlock original)
    {
        headers.Clear();
        foreach (Header header in original)
        {
            if (!IsBrokers(header.Key)) headers.Add(header.Key, header.Value);
        }
    }

    /// <summary>True for a header that is not the user's.</summary>
    public static bool IsBrokers(ReadOnlySpan<byte> key) => key.StartsWith(Namespace) || key.StartsWith(BrokerNamespace);

    private static string TextOf(Header header) => Encoding.UTF8.GetString(header.Value);

    private static long? NumberOf(Header header) =>
        long.TryParse(header.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}

/// <summary>Where a dead letter comes from, as far as its headers tell.</summary>
/// <param name="Queue">The queue it failed in.</param>
/// <param name="Offset">Its offset in a partition of that queue; which one is not in the headers.</param>
/// <param name="Retries">Its retry count when it failed.</param>
/// <param name="Reason">One of the names of D-32.</param>
/// <param name="AtMs">When it became a dead letter, Unix milliseconds.</param>
internal sealed record DeadLetterSource(QueueName Queue, long? Offset, long? Retries, string? Reason, long? AtMs);
