namespace Fibril.Client;

/// <summary>The two kinds of channels. A topic is one of them for its lifetime.</summary>
public enum ChannelKind
{
    /// <summary>A work queue: every message goes to one consumer.</summary>
    Queue = 1,

    /// <summary>A stream: every subscriber sees every record.</summary>
    Stream = 2,
}
