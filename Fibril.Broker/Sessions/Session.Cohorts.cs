using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Sessions.Output;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

// One member identity per session, over all its exclusive subscriptions (COH-4). What a cohort assigns to the member is pushed to whichever
// connection the session has; while it has none, or may not be sent anything yet, the newest assignment waits.
internal sealed partial class Session : IAssignmentSink
{
    private readonly Lock _assignmentGate = new();
    private readonly Dictionary<(QueueName Queue, string Cohort), AssignmentPush> _assignments = [];
    private Guid? _memberId;

    void IAssignmentSink.Assigned(QueueName queue, string cohort, ulong generation, IReadOnlyList<int> partitions)
    {
        lock (_assignmentGate)
        {
            if (!_assignments.TryGetValue((queue, cohort), out AssignmentPush? push))
                _assignments.Add((queue, cohort), push = new AssignmentPush(queue, cohort));
            push.Update(generation, partitions);
        }

        PushNews();
    }

    void IAssignmentSink.Left(QueueName queue, string cohort)
    {
        lock (_assignmentGate) _assignments.Remove((queue, cohort));
    }

    /// <summary>The connection has changed, and what was written to the last one may be lost: the client is told everything once more.</summary>
    private void TellAssignmentsAgain()
    {
        lock (_assignmentGate)
        {
            foreach (AssignmentPush push in _assignments.Values) push.TellAgain();
        }
    }

    /// <summary>Writes the assignments that the client has not seen; true when there were any.</summary>
    private bool PushAssignments(FrameOutput output)
    {
        bool pushed = false;
        lock (_assignmentGate)
        {
            foreach (AssignmentPush push in _assignments.Values)
            {
                if (push.TakeNews() is not { } news) continue;
                output.Push(news);
                pushed = true;
            }
        }

        return pushed;
    }

    /// <summary>The session ends: its member leaves every cohort at once, not partition by partition.</summary>
    private void LeaveCohorts()
    {
        if (_memberId is not null) _registry.Queues.Cohorts.LeaveAll(this);
    }

    /// <summary>The member that an exclusive subscription would belong to, and all later ones once it has joined; null for one that competes.</summary>
    /// <exception cref="ArgumentException">The id is the nil uuid, or the cohort has no name; the message is fit for clients.</exception>
    /// <exception cref="SubscribeRefusedException">The session is another member.</exception>
    private Guid? PickMember(SubscribeMessage request)
    {
        if (request.ConsumerGroup is not { } cohort) return null;
        CohortNames.ThrowIfInvalid(cohort);
        if (request.MemberId == Guid.Empty)
            throw new ArgumentException("The member id is the nil uuid. Leave it out to get one, and send that from then on.");
        if (_memberId is { } known && request.MemberId is { } other && other != known)
            throw new SubscribeRefusedException($"This session is member {known} of its exclusive consumer groups and cannot be member {other}, too.");
        return _memberId ?? request.MemberId ?? Guid.NewGuid();
    }

    /// <summary>What one client was told of its part in one cohort, and what is news to it.</summary>
    private sealed class AssignmentPush(QueueName queue, string cohort)
    {
        private IReadOnlyList<int> _told = [];
        private IReadOnlyList<int> _current = [];
        private ulong _generation;
        private bool _wasTold;
        private bool _mayBeLost;

        public void Update(ulong generation, IReadOnlyList<int> partitions)
        {
            // Cohorts tell in order, each under its own lock, but two threads may come here the other way round.
            if (generation <= _generation) return;
            _generation = generation;
            _current = partitions;
        }

        public void TellAgain() => _mayBeLost = _wasTold;

        public AssignmentChangedMessage? TakeNews()
        {
            if (!_mayBeLost && _current.SequenceEqual(_told)) return null;
            var news = new AssignmentChangedMessage(
                queue.Topic, queue.Group, cohort, _generation,
                ToWire(_current), ToWire(_current.Except(_told)), ToWire(_told.Except(_current)));
            _told = _current;
            _wasTold = true;
            _mayBeLost = false;
            return news;
        }

        private static uint[] ToWire(IEnumerable<int> partitions) => [.. partitions.Select(static partition => (uint)partition)];
    }
}
