namespace Fibril.Cli.Publishing;

/// <summary>How far the publishing of lines has come. One party changes it; others may read it at any time.</summary>
internal sealed class PublishTally
{
    private long _read;
    private long _sent;
    private long _confirmed;
    private long _bytesRead;

    /// <summary>Lines that were read, those that were skipped included. The number of the last one.</summary>
    public long Read
    {
        get => Volatile.Read(ref _read);
        set => Volatile.Write(ref _read, value);
    }

    /// <summary>Messages that the client took.</summary>
    public long Sent
    {
        get => Volatile.Read(ref _sent);
        set => Volatile.Write(ref _sent, value);
    }

    /// <summary>Messages that the broker has stored.</summary>
    public long Confirmed
    {
        get => Volatile.Read(ref _confirmed);
        set => Volatile.Write(ref _confirmed, value);
    }

    /// <summary>Bytes of the input.</summary>
    public long BytesRead
    {
        get => Volatile.Read(ref _bytesRead);
        set => Volatile.Write(ref _bytesRead, value);
    }

    /// <summary>Messages the broker refused: they are not stored.</summary>
    public long Refused { get; set; }

    /// <summary>Messages that may or may not be stored.</summary>
    public long Unknown { get; set; }

    /// <summary>The first line that is not known to be stored; null when all that were sent are.</summary>
    public long? FirstUnconfirmedLine { get; set; }

    /// <summary>Why publishing ended early; null when it did not.</summary>
    public Exception? Failure { get; set; }

    /// <summary>True when publishing ended early because the user wanted so.</summary>
    public bool IsInterrupted { get; set; }
}
