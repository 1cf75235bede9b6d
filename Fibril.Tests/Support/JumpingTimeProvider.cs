using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>A fake clock whose wall clock can jump while timers and timestamps go on, as they do when somebody sets the time.</summary>
/// <remarks><see cref="FakeTimeProvider.AdjustTime"/> takes the timestamps along, which no real clock does.</remarks>
internal sealed class JumpingTimeProvider : FakeTimeProvider
{
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public void Jump(TimeSpan by) => _shift += by;
}
