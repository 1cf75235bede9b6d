using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Topology;

/// <summary>How far a restart of a broker that stands alone has come.</summary>
public enum DrainStep
{
    /// <summary>Nobody was told yet.</summary>
    Tell,

    /// <summary>Clients were told, and some are still connected.</summary>
    Wait,

    /// <summary>Nobody is connected any more: it can be stopped.</summary>
    Stop,
}

/// <summary>Decides that.</summary>
public static class DrainSteps
{
    public static DrainStep Of(DrainState state, int connections) => !state.Draining ? DrainStep.Tell : connections > 0 ? DrainStep.Wait : DrainStep.Stop;

    /// <summary>What is left of the time that clients were told; zero when it is over.</summary>
    public static TimeSpan GraceLeft(DrainState state, DateTimeOffset now)
    {
        if (state is not { SinceMs: { } since, GraceMs: { } grace }) return TimeSpan.Zero;
        TimeSpan left = DateTimeOffset.FromUnixTimeMilliseconds(since + grace) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
