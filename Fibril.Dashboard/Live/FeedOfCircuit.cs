using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Fibril.Dashboard.Live;

/// <summary>Stops the live events of a page that has lost its connection: it may come back within minutes, and nobody sees them until then.</summary>
public sealed class FeedOfCircuit(LiveFeed feed) : CircuitHandler
{
    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        feed.IsHidden = true;
        return Task.CompletedTask;
    }

    /// <summary>The page says by itself when it is out of sight.</summary>
    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        feed.IsHidden = false;
        return Task.CompletedTask;
    }
}
