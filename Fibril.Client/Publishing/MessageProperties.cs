using System.Text;
using Fibril.Client.Serialization;

namespace Fibril.Client;

/// <summary>What a message carries besides its payload. One instance can serve any number of messages, from any thread.</summary>
public sealed class MessageProperties
{
    private readonly byte[]? _partitionKey;

    /// <summary>Headers; null for none.</summary>
    public MessageHeaders? Headers { get; init; }

    /// <summary>MIME type of the payload; null leaves it to a <c>content-type</c> header, then to the serializer.</summary>
    public string? ContentType
    {
        get => WireContentType?.ToString();
        init => WireContentType = value is null ? null : WireContentType.Parse(value);
    }

    /// <summary>
    /// Messages with equal keys go to the same partition as long as the queue keeps its partition count. Null spreads them evenly; a key without
    /// characters is a key. Consumers don't see it.
    /// </summary>
    public string? PartitionKey
    {
        get => _partitionKey is null ? null : Encoding.UTF8.GetString(_partitionKey);
        init => _partitionKey = value is null ? null : Encoding.UTF8.GetBytes(value);
    }

    /// <summary>The partition key as bytes, for keys that are no text. Copied.</summary>
    public ReadOnlyMemory<byte>? PartitionKeyBytes
    {
        get => _partitionKey;
        init => _partitionKey = value?.ToArray();
    }

    /// <summary>Not delivered earlier than this long after the call; null for at once. Queues only; not with <see cref="NotBefore"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Not delivered earlier than this; null for at once, as is a time that is past. Queues only.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>
    /// Expires this long after the broker received it; null for the publisher's default, then the queue's. Precise to a millisecond. A delayed
    /// message cannot have its own and takes the queue's.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    internal WireContentType? WireContentType { get; private init; }

    internal byte[]? WirePartitionKey => _partitionKey;

    /// <summary>When the message becomes deliverable, in Unix milliseconds; null for at once.</summary>
    /// <exception cref="ArgumentException">The properties contradict each other.</exception>
    internal ulong? ResolveNotBefore(TimeProvider time)
    {
        if (Delay is null && NotBefore is null) return null;
        if (Delay is not null && NotBefore is not null)
        {
            throw new ArgumentException($"{nameof(Delay)} and {nameof(NotBefore)} are both given; use one of them.");
        }

        if (TimeToLive is not null)
        {
            throw new ArgumentException($"A delayed message cannot have a {nameof(TimeToLive)} of its own; give the queue a default one.");
        }

        if (Delay < TimeSpan.Zero) throw new ArgumentException($"{nameof(Delay)} is {Delay}; use zero or more.");
        return Delay is { } delay ? UnixTime.After(delay, time) : UnixTime.From(NotBefore!.Value);
    }
}
