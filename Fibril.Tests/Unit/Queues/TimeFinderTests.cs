using Fibril.Broker.Log;
using Fibril.Broker.Queues.Inspection;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>The place of a time, and what a search of a queue looks at.</summary>
public sealed class TimeFinderTests
{
    [Fact]
    public void A_time_is_found_exactly_over_many_segments_and_whatever_the_clock_did()
    {
        for (int seed = 1; seed <= TestScale.Iterations(5); seed++)
        {
            var random = new Random(seed);
            using var queues = new ReplayScenario();
            var received = new List<long>();
            for (int number = 0; number < 400; number++)
            {
                // A clock that goes back shows in the numbers, which is all that matters here.
                queues.Queues.Time.Jump(TimeSpan.FromMilliseconds(random.Next(20) == 0 ? -random.Next(2000) : random.Next(300)));
                received.Add(queues.DeadLetters.NowMs);
                queues.DeadLetters.Publish(TestMessage.Of(new string('x', random.Next(600))));
            }

            foreach (long at in received.Concat([received.Min() - 1, received.Max() + 1]).Concat(received.Select(static time => time + 1)))
            {
                FoundTime found = Find(queues, at);
                int expected = received.FindIndex(time => time >= at);
                Assert.True(found.Offset == (expected < 0 ? 400 : expected), $"seed {seed}: {at} is at {expected}, and {found} was found");
                Assert.Equal(expected < 0 ? null : received[expected], found.ReceivedMs);
                Assert.Equal((0, 400), (found.StartOffset, found.EndOffset));
            }
        }
    }

    [Fact]
    public void An_empty_partition_has_every_time_at_its_end()
    {
        using var queues = new ReplayScenario();
        Assert.Equal(new FoundTime(0, null, 0, 0), Find(queues, 5));
    }

    private static FoundTime Find(ReplayScenario queues, long at) => queues.Operator.Await(() => TimeFinder.FindAsync(queues.DeadLetters.Partition, at, default));
}
