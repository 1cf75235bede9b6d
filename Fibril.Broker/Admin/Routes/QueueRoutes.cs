using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Declares, changes, empties and deletes queues (admin-api 9.3, 9.4, 12.2, 20).</summary>
internal sealed class QueueRoutes(QueueRegistry queues, AuditTrail audit) : IApiModule
{
    public void Map(ApiRoutes routes)
    {
        routes.Post<DeclareQueueBody, DeclaredQueueView>("/admin/api/queues", Access.Operate, "Declares a queue, or changes what it was declared with.", DeclareAsync)
            .Answers(StatusCodes.Status201Created)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidQueue, ApiErrorCodes.MissingQueueDlqTarget, ApiErrorCodes.InvalidQueueDlqTarget,
                ApiErrorCodes.ChannelKindConflict, ApiErrorCodes.StorageFailed);
        routes.Post<DeleteChannelBody, DeletedView>("/admin/api/queues/delete", Access.Operate, "Deletes a queue, with everything in it.", DeleteAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.ConfirmationMismatch, ApiErrorCodes.QueueHasInflight, ApiErrorCodes.StorageFailed);
        routes.Post<PurgeBody, PurgedView>("/admin/api/queues/purge", Access.Operate, "Removes the messages of a queue that nobody holds.", PurgeAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.ConfirmationMismatch, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable);
        routes.Put<QueueDlqBody, StatusView>("/admin/api/queue-dlq", Access.Operate, "Sets the dead-letter policy of a queue, in all its partitions.", SetPolicyAsync)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidQueueDlq, ApiErrorCodes.MissingQueueDlqTarget, ApiErrorCodes.InvalidQueueDlqTarget,
                ApiErrorCodes.ChannelKindConflict, ApiErrorCodes.StorageFailed);
    }

    private async Task<DeclaredQueueView> DeclareAsync(ApiRequest request, DeclareQueueBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        foreach ((string field, long? value) in (ReadOnlySpan<(string, long?)>)
            [
                ("partition_count", body.PartitionCount), ("max_retries", body.MaxRetries), ("default_message_ttl_ms", body.DefaultMessageTtlMs),
                ("max_messages", body.MaxMessages), ("max_bytes", body.MaxBytes), ("expire_after_idle_ms", body.ExpireAfterIdleMs),
            ])
        {
            if (value < 0) throw new ApiException(ApiErrorCodes.InvalidQueue, $"{field} cannot be {value}; use 0 or more.", new FieldProblem(field, $"is {value}; use 0 or more"));
        }

        DeclarationOutcome outcome = await ApplyAsync(
            name,
            new QueueDeclaration(
                body.PartitionCount is { } count ? Math.Max(1, count) : null, body.MaxRetries, body.DefaultMessageTtlMs, PolicyView.Parse(body.Policy, body.Target))
            {
                MaxMessages = body.MaxMessages,
                MaxBytes = body.MaxBytes,
                Overflow = body.Overflow,
                DeleteAfterIdleMs = body.ExpireAfterIdleMs,
            },
            ApiErrorCodes.InvalidQueue);
        if (outcome.IsNew || outcome.Changes.Count > 0) Record(request, "queue_declared", name, outcome);
        return new DeclaredQueueView(
            "created", outcome.Entry.PartitionCount, outcome.IsNew, [.. outcome.Changes.Select(static change => new ChangeView(change.Setting, change.Before, change.After))]);
    }

    private async Task<DeletedView> DeleteAsync(ApiRequest request, DeleteChannelBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        ChannelArguments.Confirm(name, body.ConfirmTopic);
        QueueEntry? deleted = await queues.DeleteAsync(name);
        if (deleted is not null)
        {
            audit.Record(
                request, "queue_deleted", name.ToString(), $"Deleted with {deleted.PartitionCount} partition(s) and everything in them.",
                AuditSeverity.Warning, before: QueueSettingsView.Of(deleted.Settings));
        }

        return new DeletedView("deleted", deleted?.PartitionCount ?? 0);
    }

    private async Task<PurgedView> PurgeAsync(ApiRequest request, PurgeBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        ChannelArguments.Confirm(name, body.ConfirmTopic);
        PurgeScope scope = body.Scope switch
        {
            PurgeScopeName.Ready => PurgeScope.Ready,
            PurgeScopeName.Delayed => PurgeScope.Delayed,
            _ => PurgeScope.All,
        };
        (IReadOnlyList<(int Partition, long Count)> purged, Exception? failure) = await queues.PurgeAsync(name, body.Partition, scope);
        long total = purged.Sum(static partition => partition.Count);
        if (total > 0)
        {
            string rest = failure is null ? "" : $" Then it ended early: {failure.Message}";
            audit.Record(request, "queue_purged", name.ToString(), $"Removed {total} message(s), scope {body.Scope.ToString().ToLowerInvariant()}.{rest}", AuditSeverity.Warning);
        }

        if (failure is not null)
        {
            throw new ApiException(
                ApiErrorCodes.PartitionUnavailable, $"{failure.Message} Before that, {total} message(s) of {purged.Count} partition(s) were removed; purge again for the rest.");
        }

        return new PurgedView(total, [.. purged.Select(static partition => new PurgedPartitionView(partition.Partition, partition.Count))]);
    }

    private async Task<StatusView> SetPolicyAsync(ApiRequest request, QueueDlqBody body)
    {
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        if (body.MaxRetries < 0) throw new ApiException(ApiErrorCodes.InvalidQueueDlq, $"max_retries cannot be {body.MaxRetries}; use 0 or more.", new FieldProblem("max_retries", "is below 0"));
        DeclarationOutcome outcome = await ApplyAsync(
            name, new QueueDeclaration(null, body.MaxRetries, null, PolicyView.Parse(body.Policy, body.Target)), ApiErrorCodes.InvalidQueueDlq);
        if (outcome.IsNew || outcome.Changes.Count > 0) Record(request, "queue_dlq_changed", name, outcome);
        return new StatusView("stored");
    }

    private void Record(ApiRequest request, string kind, QueueName name, DeclarationOutcome outcome) => audit.Record(
        request, kind, name.ToString(), (outcome.IsNew ? "New queue. " : "") + string.Join(", ", outcome.Changes),
        before: outcome.Changes.ToDictionary(static change => change.Setting, static change => change.Before),
        after: outcome.Changes.ToDictionary(static change => change.Setting, static change => change.After));

    private async Task<DeclarationOutcome> ApplyAsync(QueueName name, QueueDeclaration declaration, ApiErrorCode refusal)
    {
        try
        {
            return await queues.DeclareAsync(name, declaration);
        }
        catch (DeadLetterTargetException fault)
        {
            throw new ApiException(ApiErrorCodes.InvalidQueueDlqTarget, fault.Message, new FieldProblem("target", "is the queue itself"));
        }
        catch (ArgumentException fault) when (fault is not Channels.Catalogue.ChannelKindException)
        {
            throw new ApiException(refusal, fault.Message);
        }
    }
}
