using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Random operations on the real partition, with restarts and failures in between, each step judged by a naive reference.</summary>
public sealed class StreamModelTests
{
    private const int OperationsPerSeed = 250;

    public static TheoryData<Durability> Tiers => [.. Enum.GetValues<Durability>()];

    // What the reference insists on: P-1, P-10 to P-17, P-19, P-25 to P-29, P-32, P-40 to P-43, P-50 to P-54, S-2, S-7, S-60.
    [Theory, MemberData(nameof(Tiers))]
    public void The_engine_takes_only_steps_that_the_reference_allows_and_owes_none_at_rest(Durability tier)
    {
        for (int seed = 1; seed <= TestScale.Iterations(40); seed++)
        {
            using var run = new StreamModelRun(tier, seed);
            run.Run(OperationsPerSeed);
        }
    }
}
