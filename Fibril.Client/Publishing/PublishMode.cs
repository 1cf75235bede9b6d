namespace Fibril.Client.Publishing;

/// <summary>How a publisher treats the outcome.</summary>
internal enum PublishMode
{
    /// <summary>Nobody learns of it.</summary>
    Unconfirmed,

    /// <summary>The caller waits for it: nothing else will come from there before, so the frame is sent at once.</summary>
    Confirmed,

    /// <summary>The caller goes on and asks later: more will come, so frames may gather.</summary>
    Pipelined,
}
