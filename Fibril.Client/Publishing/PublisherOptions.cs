namespace Fibril.Client;

/// <summary>What the messages of a publisher have in common. Read once, when it is made.</summary>
public sealed class PublisherOptions
{
    /// <summary>Namespace of the queue; null, empty and <c>default</c> mean none.</summary>
    public string? Group { get; set; }

    /// <summary>
    /// Time to live of messages that have none of their own; null leaves it to the queue. Not used for delayed messages. Zero or more.
    /// </summary>
    public TimeSpan? DefaultTimeToLive { get; set; }

    /// <summary>MIME type of payloads given as bytes whose properties name none; null for none.</summary>
    public string? DefaultContentType { get; set; }
}
