namespace Fibril.Broker.Admin;

/// <summary>Whether somebody has said that the broker is about to go away. Thread-safe.</summary>
internal sealed class Drain
{
    private Announcement? _announced;

    /// <summary>What was announced; null when nothing was, or it was taken back.</summary>
    public Announcement? Announced => Volatile.Read(ref _announced);

    public void Announce(Announcement announcement) => Volatile.Write(ref _announced, announcement);

    public void TakeBack() => Volatile.Write(ref _announced, null);

    /// <param name="Since">When.</param>
    /// <param name="Grace">How long clients were told that the broker goes on serving.</param>
    /// <param name="Message">For people.</param>
    internal sealed record Announcement(DateTimeOffset Since, TimeSpan Grace, string Message);
}
