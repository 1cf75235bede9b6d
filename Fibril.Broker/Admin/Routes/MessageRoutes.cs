using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Single messages: look at them, hear their story, remove or move them (admin-api 11).</summary>
internal sealed class MessageRoutes(QueueRegistry queues, AuditTrail audit) : IApiModule
{
    private static readonly QueryParameter<long> From = Query.Number("from", "First offset to look at.", 0, long.MaxValue, 0);
    private static readonly QueryParameter<long> Limit = Query.Number("limit", "Most messages of a page; beyond 5000 is 5000.", 0, long.MaxValue, InspectionRequest.DefaultLimit);
    private static readonly QueryParameter<bool> IncludeSettled = Query.Flag("include_settled", "Shows messages that are finished, too.");
    private static readonly QueryParameter<string?> Status = Query.Text("status", "Shows these states only: ready, inflight, delayed, pending_dlq, settled, with commas between them.");

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/messages", "Messages of a partition, a page at a time; changes none of them.", InspectAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, ChannelArguments.Partition, From, Limit, IncludeSettled, PayloadArguments.Include, PayloadArguments.Limit, Status)
            .May(ApiErrorCodes.InvalidMessageInspectionRequest, ApiErrorCodes.InvalidMessageStatusFilter, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition,
                ApiErrorCodes.PartitionUnavailable);
        routes.Get("/admin/api/messages/{offset}/story", "The life of one message, as far as the logs still hold it.", TellAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, ChannelArguments.Partition)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.UnknownMessage, ApiErrorCodes.PartitionUnavailable);
        routes.Post<DeleteMessagesBody, DeletedMessagesView>("/admin/api/messages/delete", Access.Operate, "Removes single messages for good.", DeleteAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidOffsets, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable);
        routes.Post<MoveMessagesBody, ReplayReportView>("/admin/api/messages/move", Access.Operate, "Moves or copies single messages to another queue.", MoveAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidOffsets, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable);
    }

    private async Task<MessagePageView> InspectAsync(ApiRequest request)
    {
        var wanted = new InspectionRequest
        {
            From = request.Get(From),
            Limit = (int)Math.Min(request.Get(Limit), InspectionRequest.MostLimit),
            Statuses = PayloadArguments.ParseStatuses(request.Get(Status)) ?? (request.Get(IncludeSettled) ? StatusFilter.All : StatusFilter.Active),
            PreviewBytes = PayloadArguments.Read(request),
        };
        QueueName queue = ChannelArguments.QueueOf(request.Get(ChannelArguments.Topic), request.Get(ChannelArguments.Group), refusal: ApiErrorCodes.InvalidMessageInspectionRequest);
        return MessagePageView.Of(await queues.InspectAsync(new PartitionId(queue, (int)request.Get(ChannelArguments.Partition)), wanted, request.Aborted));
    }

    private async Task<MessageStoryView> TellAsync(ApiRequest request)
    {
        PartitionId partition = ChannelArguments.PartitionOf(request);
        string text = request.Path("offset");
        if (!long.TryParse(text, out long offset) || offset < 0)
            throw new ApiException(ApiErrorCodes.InvalidArgument, $"'{text}' is no offset; use a number from 0 on.", new FieldProblem("offset", "is no offset"));
        MessageStory story = await queues.TellStoryAsync(partition, offset, request.Aborted)
            ?? throw new ApiException(ApiErrorCodes.UnknownMessage, $"Partition {partition} has no message at offset {offset} yet.");
        return MessageStoryView.Of(story);
    }

    public async Task<DeletedMessagesView> DeleteAsync(ApiRequest request, DeleteMessagesBody body)
    {
        var partition = new PartitionId(ChannelArguments.QueueOf(body.Topic, body.Group), body.Partition);
        CheckOffsets(body.Offsets);
        IReadOnlyList<Removal> removals = await queues.SettleMessagesAsync(partition, body.Offsets);
        int removed = removals.Count(static removal => removal.Outcome == RemovalOutcome.Removed);
        if (removed > 0) audit.Record(
            request, "messages_deleted", partition.ToString(), $"Removed {removed} of {removals.Count} message(s).", AuditSeverity.Warning,
            before: removals.Where(static removal => removal.Outcome == RemovalOutcome.Removed).Select(static removal => removal.Offset));
        return new DeletedMessagesView(
            removals.Count, removed,
            [.. removals.Select(static removal => new RemovalView(removal.Offset, RemovalOutcomes.NameOf(removal.Outcome), RemovalOutcomes.ReasonOf(removal.Outcome)))]);
    }

    private async Task<ReplayReportView> MoveAsync(ApiRequest request, MoveMessagesBody body)
    {
        var partition = new PartitionId(ChannelArguments.QueueOf(body.Topic, body.Group), body.Partition);
        QueueName target = ChannelArguments.QueueOf(body.Target.Topic, body.Target.Group, "target.topic");
        CheckOffsets(body.Offsets);
        if (queues.Catalogue.Find(target) is null)
            throw new ApiException(ApiErrorCodes.UnknownQueue, $"There is no queue {target} to move messages to; declare it first.", new FieldProblem("target", "does not exist"));
        ReplayReport report = await queues.ReplayAsync(partition, body.Offsets, body.Keep ? ReplayMode.Copy : ReplayMode.Move, target);
        if (report.Replayed > 0) audit.Record(
            request, body.Keep ? "messages_copied" : "messages_moved", partition.ToString(), $"{report.Replayed} of {report.Requested} message(s) went to {target}.", AuditSeverity.Warning,
            after: report.Items.Where(static item => item.Copy is not null).Select(static item => new { item.Offset, Copy = item.Copy!.Offset }));
        return ReplayReportView.Of(report);
    }

    private static void CheckOffsets(IReadOnlyList<long> offsets)
    {
        if (offsets.Count is >= 1 and <= OffsetReplay.MostOffsets) return;
        throw new ApiException(
            ApiErrorCodes.InvalidOffsets, $"{offsets.Count} offsets are named; name 1 to {OffsetReplay.MostOffsets}.", new FieldProblem("offsets", $"has {offsets.Count} entries"));
    }
}
