using Fibril.Broker.Admin.Http;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Admin.Explaining;

/// <summary>Says in plain words why messages flow or do not, with what shows it and what to do. Thread-safe.</summary>
internal sealed class Explainer(QueueRegistry queues, SessionEnvironment sessions, Drain drain, TimeProvider time)
{
    /// <summary>Looks at every partition of a queue, which are loaded if need be.</summary>
    /// <exception cref="ApiException">There is no such queue.</exception>
    public async Task<Explanation> ExplainAsync(QueueName name, CancellationToken cancellationToken)
    {
        QueueEntry entry = ChannelArguments.ExistingIn(queues, name);
        var findings = new List<Finding>();
        foreach (IReadOnlyList<Finding> found in await Task.WhenAll(entry.Partitions.Select(partition => ExplainAsync(partition, cancellationToken)))) findings.AddRange(found);
        findings.AddRange(OfTheBroker());
        findings.AddRange(Dormant(name));
        return Explanation.Of(name.ToString(), Merge(findings, entry.PartitionCount), "Messages flow: consumers are subscribed and can take more.");
    }

    /// <summary>Looks at one partition.</summary>
    public async Task<IReadOnlyList<Finding>> ExplainAsync(PartitionId id, CancellationToken cancellationToken)
    {
        try
        {
            using PartitionLease<QueuePartition> visit = await queues.AcquireAsync(id, PartitionUse.Visit);
            return [.. new PartitionFindings(await visit.Partition.DescribeInTimeAsync(time, cancellationToken), NowMs).Find()];
        }
        catch (Exception failure) when (failure is PartitionUnavailableException or PartitionNotServingException)
        {
            return [NotServing(id, failure.Message)];
        }
        catch (TimeoutException)
        {
            return [PartitionQuestions.Silence with { Partitions = [id.Partition] }];
        }
    }

    /// <summary>Looks at what one connection is subscribed to.</summary>
    /// <param name="id">Of the connection, or of the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">There is no such connection.</exception>
    public async Task<Explanation> ExplainConsumerAsync(Guid id, CancellationToken cancellationToken)
    {
        SessionReport session = sessions.Sessions.All.Select(static session => session.Report()).FirstOrDefault(report => report.ConnectionId == id || report.Id == id)
            ?? throw new ApiException(ApiErrorCodes.UnknownConnection, $"There is no connection and no session {id}; it may have ended.");
        var findings = new List<Finding>();
        if (session.ConnectionId is null)
        {
            findings.Add(new Finding(
                "dormant", FindingSeverity.Critical, "The client has lost its connection, and its session waits for it with the leases that it has.",
                "See whether the client runs and reaches this broker; when the time of grace is over, others get its messages.").With(("session", session.Id)));
        }

        if (session.Subscriptions.Count == 0)
            findings.Add(new Finding("no_subscription", FindingSeverity.Warning, "The connection is subscribed to nothing.", "Subscribe; a publisher needs none."));
        foreach (SubscriptionReport subscription in session.Subscriptions)
        {
            if (!subscription.IsClaimed && session.ConnectionId is not null)
            {
                findings.Add(new Finding(
                    "unclaimed", FindingSeverity.Warning, $"The client has resumed its session and not said yet that it still wants {subscription.Partition}.",
                    "The client has to reconcile or subscribe; otherwise the subscription ends with the time of grace.")
                { Partitions = [subscription.Partition.Partition] });
            }

            if (subscription.Prefetch is { } prefetch && !subscription.AutoAck && subscription.InFlight >= prefetch)
            {
                findings.Add(new Finding(
                    "no_credit", FindingSeverity.Warning, $"The consumer holds {subscription.InFlight} unsettled message(s) of {subscription.Partition}, which is all that its prefetch allows.",
                    "Settle what it is done with, or raise the prefetch.")
                { Partitions = [subscription.Partition.Partition] }.With(("inflight", subscription.InFlight), ("prefetch", prefetch)));
            }
            else if (!subscription.IsStream)
            {
                findings.AddRange((await ExplainAsync(subscription.Partition, cancellationToken)).Where(static finding => finding.Code is not ("no_credit" or "output_full")));
            }
        }

        return Explanation.Of(session.Id.ToString(), findings, "The consumer can take messages, and gets those that come.");
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private Finding NotServing(PartitionId id, string reason)
    {
        bool isDamaged = queues.Quarantined.Any(quarantined => quarantined.Partition == id);
        return isDamaged
            ? new Finding(
                "quarantined", FindingSeverity.Critical, $"The partition is quarantined because its files are damaged: {reason}",
                "GET /admin/api/quarantine says exactly where; restore the files, or give up what is damaged with POST /admin/api/quarantine/repair.")
            { Partitions = [id.Partition] }
            : new Finding("storage", FindingSeverity.Critical, reason, "Look at the disk and at the broker's log. The partition tries again by itself.") { Partitions = [id.Partition] };
    }

    private IEnumerable<Finding> OfTheBroker()
    {
        if (queues.IsDiskFull)
        {
            yield return new Finding(
                "disk_full", FindingSeverity.Critical, "The disk is full: messages are delivered and settled, and publishes are refused.", "Make room on the disk of the data directory; the broker goes on by itself.");
        }

        if (drain.Announced is { } announced)
        {
            yield return new Finding("draining", FindingSeverity.Info, $"Clients were told that the broker goes away: {announced.Message}", null);
        }
    }

    private IEnumerable<Finding> Dormant(QueueName name)
    {
        (Guid Session, int Held)[] dormant =
        [
            .. sessions.Sessions.All.Select(static session => session.Report()).Where(static report => report.ConnectionId is null)
                .Select(report => (report.Id, report.Subscriptions.Where(subscription => subscription.Partition.Queue == name).Sum(static subscription => subscription.InFlight ?? 0)))
                .Where(static entry => entry.Item2 > 0),
        ];
        if (dormant.Length == 0) yield break;
        yield return new Finding(
            "dormant", FindingSeverity.Warning, $"{dormant.Sum(static entry => entry.Held)} message(s) are held by {dormant.Length} session(s) whose clients have lost their connections.",
            "The clients may come back; when the time of grace is over (connection.reconnect_grace_ms), others get the messages.")
            .With(("sessions", dormant.Select(static entry => entry.Session)));
    }

    /// <summary>What is the same in several partitions is said once; that some are empty says nothing beside others that are not.</summary>
    private static IEnumerable<Finding> Merge(List<Finding> findings, int partitionCount)
    {
        foreach (IGrouping<string, Finding> same in findings.GroupBy(static finding => finding.Code))
        {
            Finding[] all = [.. same];
            if (same.Key == "empty" && all.Length < partitionCount) continue;
            if (all.Length == 1 || same.Key == "empty") yield return all[0] with { Partitions = [.. all.SelectMany(static finding => finding.Partitions)] };
            else yield return all[0] with { Text = $"{all[0].Text} The same in {all.Length - 1} further partition(s).", Partitions = [.. all.SelectMany(static finding => finding.Partitions)] };
        }
    }
}
