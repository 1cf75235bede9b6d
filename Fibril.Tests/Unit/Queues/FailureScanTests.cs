using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Failures;
using Fibril.Broker.Queues.Inspection;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Dead letters sorted by their causes, on the side and within bounds.</summary>
public sealed class FailureScanTests
{
    private static readonly FailureQuestion All = new(DeadLetterScenario.TargetId.Queue);

    [Fact]
    public void Every_dead_letter_is_in_the_group_of_its_cause_and_nothing_changes()
    {
        using var queues = new ReplayScenario();
        for (int number = 0; number < 700; number++) queues.PutDeadLetter($"{number}", [.. ReplayScenario.Origin(), ("error", number % 7 == 0 ? "rare" : $"order {number}")]);
        queues.PutDeadLetter("no dead letter");
        queues.Advance(OneSecond);
        IReadOnlyDictionary<string, byte[]> before = queues.DeadLetters.Disk.Content();
        FailureReport report = Ask(queues, All);
        Assert.Equal((701, 700, false), (report.Examined, report.All.Count, report.IsCut));
        Assert.Equal([("error: order <n>", 600), ("error: rare", 100)], report.Groups.Select(static group => (group.Fingerprint.Title, group.Tally.Count)));
        Assert.Equal([699, 698, 697], report.Groups[0].Tally.Samples.Select(static place => place.Offset));
        Assert.Null(report.Others);
        queues.Advance(OneSecond);
        Assert.Equal(before, queues.DeadLetters.Disk.Content());
        Assert.Equal(0, queues.Operator.OpenVisits);
    }

    [Fact]
    public void A_group_tells_when_and_after_how_many_retries()
    {
        using var queues = new ReplayScenario();
        long now = queues.DeadLetters.NowMs;
        long first = now / 1000 * 1000;
        (long AtMs, string Retries)[] letters = [(first - 5000, "1"), (first - 1000, "9"), (first - 1, "4"), (first, "2"), (now, "3")];
        foreach ((long at, string retries) in letters)
            queues.PutDeadLetter("x", [.. ReplayScenario.Origin(atMs: at).Where(static header => header.Key != "stroma.dlq.retry_count"), ("stroma.dlq.retry_count", retries)]);
        FailureReport report = Ask(queues, All with { Intervals = 3, IntervalMs = 1000 });
        FailureTally tally = Assert.Single(report.Groups).Tally;
        Assert.Equal((first - 5000, now, 1, 9), (tally.OldestMs, tally.NewestMs, tally.FewestRetries, tally.MostRetries));
        Assert.Equal([0, 2, 2], tally.Counts);
        Assert.Equal(first - 2000, report.Intervals.FromMs);
        Assert.Equal(tally.Counts, report.All.Counts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(599)]
    [InlineData(600)]
    public void No_more_than_asked_for_are_looked_at_and_those_are_the_newest(int most)
    {
        using var queues = new ReplayScenario();
        for (int number = 0; number < 600; number++) queues.PutDeadLetter("x", ReplayScenario.Origin(atMs: number));
        FailureReport report = Ask(queues, All with { MostExamined = most });
        Assert.Equal((most, most, 600 - most, most < 600), (report.Examined, report.All.Count, report.All.OldestMs, report.IsCut));
        Assert.Equal(599, report.All.NewestMs);
    }

    [Fact] // memory is bounded
    public void Causes_beyond_those_that_there_is_room_for_are_counted_together()
    {
        using var queues = new ReplayScenario();
        for (int number = 0; number < FailureGroups.MostGroups + 30; number++) queues.PutDeadLetter("x", [.. ReplayScenario.Origin(atMs: number), ("error", Letters(number))]);
        FailureReport report = Ask(queues, All);
        Assert.Equal((FailureGroups.MostGroups, 30, FailureGroups.MostGroups + 30), (report.Groups.Count, report.Others!.Count, report.All.Count));
        Assert.Equal((0, 29), (report.Others.OldestMs, report.Others.NewestMs)); // the newest causes are met first

        static string Letters(int number) => new([.. $"{number}".Select(static digit => (char)(digit - '0' + 'a'))]);
    }

    [Fact]
    public void Every_partition_has_its_share()
    {
        using var queues = new ReplayScenario();
        PartitionHarness[] graves = [queues.Add("graves", 0), queues.Add("graves", 1)];
        for (int number = 0; number < 30; number++)
        {
            foreach (PartitionHarness grave in graves)
            {
                var headers = new Fibril.Protocol.HeaderBlockBuilder();
                foreach ((string key, string value) in ReplayScenario.Origin()) headers.Add(key, value);
                if (grave == graves[1] || number < 5) grave.Publish(TestMessage.Of("x") with { Headers = headers });
            }
        }

        var question = new FailureQuestion(new QueueName("graves", null)) { MostExamined = 20 };
        FailureReport report = Ask(queues, question);
        Assert.Equal((20, true), (report.Examined, report.IsCut)); // five of the first, and what those leave is the other's
        Assert.Equal(5, Ask(queues, question with { Partition = 0 }).Examined);
    }

    [Fact]
    public void Wide_gaps_between_dead_letters_do_not_hide_any()
    {
        for (int seed = 1; seed <= TestScale.Iterations(10); seed++)
        {
            var random = new Random(seed);
            using var queues = new ReplayScenario();
            int count = random.Next(1, 3000);
            int dense = random.Next(900); // behind a gap, so that a window that has grown meets too many
            for (int number = 0; number < count; number++) queues.DeadLetters.Post(TestMessage.Of("x"));
            queues.Queues.Run();
            HashSet<long> left = [];
            Consumer consumer = queues.DeadLetters.Subscribe(prefetch: count);
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray())
            {
                if (random.Next(200) == 0 || delivery.Offset < dense) left.Add(delivery.Offset);
                else queues.DeadLetters.Settle(consumer, delivery.Tag, Fibril.Broker.Queues.SettleKind.Complete);
            }

            var met = new List<long>();
            queues.Operator.Await(async () =>
            {
                var walk = new BackwardWalk(queues.DeadLetters.Partition, StatusFilter.Active);
                while (await walk.NextAsync(default) is { } slice)
                {
                    Assert.InRange(slice.States.Count, 1, BackwardWalk.MostPerLook);
                    met.InsertRange(0, slice.States.Select(static state => state.Offset));
                }

                return true;
            });
            Assert.Equal(left.Order(), met);
        }
    }

    [Fact]
    public void A_scan_that_nobody_waits_for_any_more_ends()
    {
        using var queues = new ReplayScenario();
        for (int number = 0; number < 600; number++) queues.PutDeadLetter("x", ReplayScenario.Origin());
        using var gone = new CancellationTokenSource();
        queues.Operator.OnVisit = _ => gone.Cancel();
        Task<FailureReport> asked = queues.Operator.Begin(() => new FailureScan(queues.Operator, queues.Queues.Time).RunAsync(All, gone.Token));
        queues.Operator.Run();
        Assert.True(asked.IsCanceled);
        Assert.Equal(0, queues.Operator.OpenVisits);
    }

    private static FailureReport Ask(ReplayScenario queues, FailureQuestion question) =>
        queues.Operator.Await(() => new FailureScan(queues.Operator, queues.Queues.Time).RunAsync(question, default));
}
