using Fibril.Broker.Channels;
using Fibril.Broker.Queues;

namespace Fibril.Tests.Support;

/// <summary>What a partition said to a request for new leases.</summary>
internal readonly record struct LeaseAnswer(TimeSpan LeaseDuration, IReadOnlyList<ulong> DeadTags);

/// <summary>Remembers answers to requests for new leases.</summary>
internal sealed class LeaseAnswers : IRenewalSink
{
    private readonly List<LeaseAnswer> _answers = [];

    /// <summary>The answer; there must be one, which was sent.</summary>
    public LeaseAnswer Only
    {
        get
        {
            Assert.True(_flushes > 0, "The answer was not sent.");
            return Assert.Single(_answers);
        }
    }

    private int _flushes;

    void IRenewalSink.Renewed(LeaseRenewal renewal, TimeSpan leaseDuration)
    {
        _flushes = 0;
        _answers.Add(new LeaseAnswer(leaseDuration, [.. renewal.DeadTags]));
    }

    void ISessionOutput.Flush() => _flushes++;
}
