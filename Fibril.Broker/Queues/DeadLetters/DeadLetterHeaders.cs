using System.Globalization;
using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.DeadLetters;

/// <summary>The headers that make a message a dead letter (D-46): written on a copy, and read back for a replay.</summary>
internal static partial class DeadLetterHeaders
{
    private static ReadOnlySpan<byte> Namespace => "stroma."u8;

    private static ReadOnlySpan<byte> SourceTopic => "stroma.dlq.source_topic"u8;

    private static ReadOnlySpan<byte> SourceGroup => "stroma.dlq.source_group"u8;

    private static ReadOnlySpan<byte> SourceOffset => "stroma.dlq.source_offset"u8;

    private static ReadOnlySpan<byte> RetryCount => "stroma.dlq.retry_count"u8;

    private static ReadOnlySpan<byte> Reason => "stroma.dlq.reason"u8;

    private static ReadOnlySpan<byte> DeadLetteredAt => "stroma.dlq.dead_lettered_at_ms"u8;

    /// <summary>The headers of a copy: the user's, and where the copy comes from. Those of an earlier death are replaced (D-52).</summary>
    public static void Write(HeaderBlockBuilder headers, HeaderBlock original, in DeadLetterOrigin origin)
    {
        headers.Clear();
        foreach (Header header in original)
        {
            if (!header.Key.StartsWith(Namespace)) headers.Add(header.Key, header.Value);
        }

        headers.Add(SourceTopic, Encoding.UTF8.GetBytes(origin.Queue.Topic));
        if (origin.Queue.Group is { } group) headers.Add(SourceGroup, Encoding.UTF8.GetBytes(group));
        Add(headers, SourceOffset, origin.Offset);
        Add(headers, RetryCount, origin.Retries);
        headers.Add(Reason, DeadLetterReasons.NameOf(origin.Reason));
        Add(headers, DeadLetteredAt, origin.AtMs);
    }

    private static void Add(HeaderBlockBuilder headers, ReadOnlySpan<byte> key, long value)
    {
        Span<byte> text = stackalloc byte[20];
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        headers.Add(key, text[..length]);
    }
}

/// <summary>Where a dead letter comes from, and why.</summary>
internal readonly record struct DeadLetterOrigin(QueueName Queue, long Offset, int Retries, DeadLetterReason Reason, long AtMs);
