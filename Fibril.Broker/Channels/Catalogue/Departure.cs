namespace Fibril.Broker.Channels.Catalogue;

/// <summary>A channel that was removed, and whose files are not gone yet. Thread-safe.</summary>
/// <param name="removal">Completes when the removal is durable.</param>
/// <param name="clear">Clears away what the channel has left; may be called again after a failure.</param>
internal sealed class Departure(Task removal, Func<Task> clear)
{
    private readonly Lock _gate = new();
    private Task? _clearing;

    /// <summary>Clears away what is left; who comes while somebody does so waits for the same. The caller has seen that the entry is gone, or on its way to be.</summary>
    /// <exception cref="IOException">That failed; the next call tries again.</exception>
    public Task EndAsync()
    {
        lock (_gate)
        {
            // When the write of the removal failed and the entry is gone all the same, there is nothing to wait for.
            if (_clearing is null or { IsFaulted: true }) _clearing = ClearAsync(removal.IsFaulted ? Task.CompletedTask : removal);
            return _clearing;
        }
    }

    private async Task ClearAsync(Task isGone)
    {
        await isGone.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await clear();
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"What a deleted channel has left cannot be removed: {denied.Message}", denied);
        }
    }
}
