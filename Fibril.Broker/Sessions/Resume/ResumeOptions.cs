namespace Fibril.Broker.Sessions.Resume;

/// <summary>How long sessions outlive their connections. The keys live under <c>runtime_seed.connection</c>.</summary>
internal sealed class ResumeOptions
{
    /// <summary>How long a session waits for its client after its connection is gone; 0 to 1 h, default 5 s. 0 ends it at once .</summary>
    public TimeSpan ReconnectGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How old what is known of a session may be for it to be resumed after a restart of the broker; 0 to 1 day, default 60 s. 0 keeps
    /// nothing.
    /// </summary>
    public TimeSpan RestartTimeToLive { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait of a drain for the partitions to be handed over; 0 to 1 h, default 30 s .</summary>
    public TimeSpan DrainHandoffTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
