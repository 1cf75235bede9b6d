using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>
/// Random operations on the real partition and its dead-letter target, with restarts and failures in between, each step judged by the naive
/// reference.
/// </summary>
public sealed class QueueModelTests
{
    private const int OperationsPerSeed = 300;

    // What the reference insists on: M-1 to M-3, M-11, M-14, M-15, M-20 to M-24, M-26, M-30 to M-34, M-36, M-38, M-40 to M-47, M-50, M-51,
    // M-60, M-62, M-63, M-66, M-70, M-71, D-2, D-6, D-7, D-12 to D-15, D-18, D-30 to D-33, D-37, D-38, D-45, D-46, D-48, D-52, D-54,
    // S-2, S-4, S-7, S-60.
    [Fact]
    public void The_engine_takes_only_steps_that_the_reference_allows_and_owes_none_at_rest()
    {
        for (int seed = 1; seed <= TestScale.Iterations(150); seed++)
        {
            using var run = new ModelRun(seed);
            run.Run(OperationsPerSeed);
        }
    }
}
