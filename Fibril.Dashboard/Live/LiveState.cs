namespace Fibril.Dashboard.Live;

/// <summary>How far what a page shows can be believed.</summary>
public enum LiveState
{
    /// <summary>Nothing was heard yet.</summary>
    Connecting,

    /// <summary>What is shown is of a moment ago.</summary>
    Live,

    /// <summary>The reader has stopped the updates.</summary>
    Paused,

    /// <summary>Nothing was heard for a while, and nobody knows why.</summary>
    Stale,

    /// <summary>The broker answers, and gives no live events: it has too many listeners, for example.</summary>
    Refused,

    /// <summary>The broker does not answer.</summary>
    Unreachable,
}
