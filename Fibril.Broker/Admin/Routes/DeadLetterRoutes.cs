using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Dead letters: where they go, and how they come back (admin-api 12, 20).</summary>
internal sealed class DeadLetterRoutes(QueueRegistry queues, MessageRoutes messages, AuditTrail audit) : IApiModule
{
    private const int MostConditions = 64;

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/global-dlq", "Where dead letters of queues with the policy global go.", GetTarget);
        routes.Put<GlobalDlqBody, object>("/admin/api/global-dlq", Access.Operate, "Sets or clears that target; answers 409 with the present one when it has changed.", SetTargetAsync)
            .Changes<GlobalDlqView>().May(ApiErrorCodes.InvalidGlobalDlq, ApiErrorCodes.StorageFailed);
        routes.Post<ReplayBody, ReplayReportView>("/admin/api/dlq/replay", Access.Operate, "Copies picked dead letters back to the queues they came from.", ReplayAsync)
            .May(ApiErrorCodes.MissingDlqReplayOffsets, ApiErrorCodes.TooManyDlqReplayOffsets, ApiErrorCodes.InvalidDlqReplayRequest, ApiErrorCodes.UnknownQueue,
                ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable);
        routes.Post<BulkReplayBody, ReplayJobView>("/admin/api/dlq/replay/bulk", Access.Operate, "Replays the dead letters that meet a filter, or counts them; answers at once.", StartAsync)
            .Answers(StatusCodes.Status202Accepted)
            .May(ApiErrorCodes.InvalidDlqReplayRequest, ApiErrorCodes.TooManyReplays, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition);
        routes.Post<BulkSettleBody, ReplayJobView>("/admin/api/dlq/settle/bulk", Access.Operate, "Deletes the dead letters that meet a filter, or counts them; a job as that of a replay.", StartDeletionAsync)
            .Answers(StatusCodes.Status202Accepted)
            .May(ApiErrorCodes.InvalidDlqReplayRequest, ApiErrorCodes.TooManyReplays, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition);
        routes.Get("/admin/api/dlq/replay/jobs", "The replays that run, and the newest of those that have ended.", _ => new ReplayJobsView([.. queues.Replays.Select(ReplayJobView.Of)]));
        routes.Get("/admin/api/dlq/replay/jobs/{id}", "How it stands with a replay.", request => ReplayJobView.Of(Find(request))).May(ApiErrorCodes.UnknownReplay);
        routes.Delete("/admin/api/dlq/replay/jobs/{id}", Access.Operate, "Ends a replay after the copies that are on their way.", CancelAsync).May(ApiErrorCodes.UnknownReplay);
        routes.Post("/admin/api/dlq/replay/jobs/{id}/undo", Access.Operate, "Withdraws the copies that a replay has made, as far as nobody was given them.", UndoAsync)
            .May(ApiErrorCodes.UnknownReplay, ApiErrorCodes.ReplayNotUndoable);
        routes.Post<SettleDeadLettersBody, DeletedMessagesView>("/admin/api/dlq/settle", Access.Operate, "Removes picked dead letters for good.", SettleAsync)
            .May(ApiErrorCodes.InvalidDlqReplayRequest, ApiErrorCodes.InvalidOffsets, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable);
    }

    public GlobalDlqView GetTarget(ApiRequest request) => ViewOf(queues.GlobalDeadLetterTarget.Current);

    private Task<object> SetTargetAsync(ApiRequest request, GlobalDlqBody body)
    {
        QueueName? target = body.Target is { } wanted ? ChannelArguments.QueueOf(wanted.Topic, wanted.Group, "target.topic", ApiErrorCodes.InvalidGlobalDlq) : null;
        if (target is { } queue && queues.Catalogue.KindOf(queue) is not null && queues.Catalogue.Find(queue) is null)
            throw new ApiException(ApiErrorCodes.InvalidGlobalDlq, $"Topic {queue.Topic} is a stream; dead letters go to queues.", new FieldProblem("target", "is a stream"));
        GlobalDlqView before = ViewOf(queues.GlobalDeadLetterTarget.Current);
        bool isChanged = queues.GlobalDeadLetterTarget.TryChange(body.ExpectedVersion, target, out GlobalTargetDocument document);
        GlobalDlqView after = ViewOf(document);
        if (!isChanged) return Task.FromResult<object>(new ApiAnswer(StatusCodes.Status409Conflict, after));
        audit.Record(request, "global_dlq_changed", "global dead-letter target", target is { } now ? $"It is {now} now." : "It was cleared.", before: before, after: after);
        return Task.FromResult<object>(after);
    }

    private async Task<ReplayReportView> ReplayAsync(ApiRequest request, ReplayBody body)
    {
        if (body.Offsets.Count == 0) throw new ApiException(ApiErrorCodes.MissingDlqReplayOffsets, "There is no offset to replay; name 1 to 100.", new FieldProblem("offsets", "is empty"));
        if (body.Offsets.Count > OffsetReplay.MostOffsets)
        {
            throw new ApiException(
                ApiErrorCodes.TooManyDlqReplayOffsets, $"{body.Offsets.Count} offsets are too many for one request; name at most {OffsetReplay.MostOffsets}, or use /admin/api/dlq/replay/bulk.",
                new FieldProblem("offsets", $"has {body.Offsets.Count} entries"));
        }

        var partition = new PartitionId(ChannelArguments.QueueOf(body.DlqTopic, body.DlqGroup, "dlq_topic", ApiErrorCodes.InvalidDlqReplayRequest), body.Partition);
        ReplayReport report = await queues.ReplayAsync(partition, body.Offsets, ModeOf(body.After));
        if (report.Replayed > 0) audit.Record(request, "dlq_replayed", partition.ToString(), $"{report.Replayed} of {report.Requested} dead letter(s) went back to where they came from.", AuditSeverity.Warning);
        return ReplayReportView.Of(report);
    }

    private Task<ReplayJobView> StartAsync(ApiRequest request, BulkReplayBody body)
    {
        QueueName? target = body.Target is { } wanted ? ChannelArguments.QueueOf(wanted.Topic, wanted.Group, "target.topic", ApiErrorCodes.InvalidDlqReplayRequest) : null;
        if (target is { } queue && queues.Catalogue.Find(queue) is null)
            throw new ApiException(ApiErrorCodes.UnknownQueue, $"There is no queue {queue} to replay to; declare it first.", new FieldProblem("target", "does not exist"));
        ReplayJob job = Start(request, RequestOf(body.DlqTopic, body.DlqGroup, body.Partition, body.Filter) with
        {
            Mode = ModeOf(body.After),
            Target = target,
            IsDryRun = body.DryRun,
            MostPerSecond = body.RateLimitPerSec,
            MostFailures = body.MaxFailures ?? BulkReplayRequest.DefaultMostFailures,
        });
        if (!body.DryRun) audit.Record(request, "dlq_replay_started", job.Request.DeadLetters.ToString(), $"Replay {job.Id} was started.", AuditSeverity.Warning, after: body);
        return Task.FromResult(ReplayJobView.Of(job));
    }

    private Task<ReplayJobView> StartDeletionAsync(ApiRequest request, BulkSettleBody body)
    {
        ReplayJob job = Start(request, RequestOf(body.DlqTopic, body.DlqGroup, body.Partition, body.Filter) with
        {
            IsDeletion = true,
            IsDryRun = body.DryRun,
            MostPerSecond = body.RateLimitPerSec,
        });
        if (!body.DryRun) audit.Record(request, "dlq_deletion_started", job.Request.DeadLetters.ToString(), $"Job {job.Id} deletes dead letters.", AuditSeverity.Warning, after: body);
        return Task.FromResult(ReplayJobView.Of(job));
    }

    private static BulkReplayRequest RequestOf(string topic, string? group, int? partition, ReplayFilterBody? given)
    {
        QueueName queue = ChannelArguments.QueueOf(topic, group, "dlq_topic", ApiErrorCodes.InvalidDlqReplayRequest);
        ReplayFilterBody filter = given ?? new ReplayFilterBody();
        if (filter.Header?.Count > MostConditions || filter.Reason?.Count > MostConditions || filter.Fingerprint?.Count > MostConditions)
            throw new ApiException(ApiErrorCodes.InvalidDlqReplayRequest, $"The filter has more than {MostConditions} conditions of one kind; use fewer.", new FieldProblem("filter", "is too long"));
        return new BulkReplayRequest(queue)
        {
            Partition = partition,
            Filter = new ReplayFilter
            {
                Reasons = [.. filter.Reason ?? []],
                Source = filter.SourceTopic is { } source ? ChannelArguments.QueueOf(source, filter.SourceGroup, "filter.source_topic", ApiErrorCodes.InvalidDlqReplayRequest) : null,
                FromMs = filter.FromMs,
                ToMs = filter.ToMs,
                Headers = [.. filter.Header ?? new Dictionary<string, string>()],
                Fingerprints = [.. filter.Fingerprint ?? []],
            },
            MostMessages = filter.Max,
        };
    }

    private ReplayJob Start(ApiRequest request, BulkReplayRequest job)
    {
        try
        {
            return queues.StartReplay(job with { StartedBy = request.Caller.Name });
        }
        catch (ArgumentException fault) when (fault is not UnknownPartitionException)
        {
            throw new ApiException(ApiErrorCodes.InvalidDlqReplayRequest, fault.Message);
        }
    }

    private async Task<ReplayUndoView> UndoAsync(ApiRequest request)
    {
        ReplayJob job = Find(request);
        UndoReport report = await job.UndoAsync();
        audit.Record(
            request, "dlq_replay_undone", job.Request.DeadLetters.ToString(), $"{report.Withdrawn} copies of replay {job.Id} were withdrawn; for {report.TooLate} it was too late.",
            AuditSeverity.Warning, after: UndoneView.Of(report));
        return new ReplayUndoView(job.Id, report.Withdrawn, report.TooLate, report.Left, report.Error, ReplayJobView.Of(job));
    }

    private Task<ReplayJobView> CancelAsync(ApiRequest request)
    {
        ReplayJob job = Find(request);
        if (job.IsRunning) audit.Record(request, "dlq_replay_cancelled", job.Request.DeadLetters.ToString(), $"Replay {job.Id} was ended.", AuditSeverity.Warning);
        job.Cancel();
        return Task.FromResult(ReplayJobView.Of(job));
    }

    private async Task<DeletedMessagesView> SettleAsync(ApiRequest request, SettleDeadLettersBody body)
    {
        QueueName queue = ChannelArguments.QueueOf(body.DlqTopic, body.DlqGroup, "dlq_topic", ApiErrorCodes.InvalidDlqReplayRequest);
        return await messages.DeleteAsync(request, new DeleteMessagesBody(queue.Topic, body.Offsets, queue.Group, body.Partition));
    }

    private ReplayJob Find(ApiRequest request)
    {
        string id = request.Path("id");
        return long.TryParse(id, out long number) && queues.FindReplay(number) is { } job
            ? job
            : throw new ApiException(ApiErrorCodes.UnknownReplay, $"There is no replay '{Sessions.ChannelNames.ForLog(id)}', or it ended long ago.");
    }

    private static ReplayMode ModeOf(AfterReplay after) => after == AfterReplay.Ack ? ReplayMode.Move : ReplayMode.Copy;

    private static GlobalDlqView ViewOf(GlobalTargetDocument document) =>
        new(document.Version, document.Target is { } target ? new GlobalDlqTargetView(target.Topic, Part: 0, target.Group) : null);
}
