using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Partitions that serve nobody because their files are damaged (admin-api 15).</summary>
internal sealed class QuarantineRoutes(QueueRegistry queues, StreamRegistry streams, AuditTrail audit) : IApiModule
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/quarantine", "Partitions whose files are damaged, and exactly where.", _ => List());
        routes.Post("/admin/api/quarantine/repair", Access.Operate, "Gives up what cannot be read of a quarantined partition, and lets it serve again.", RepairAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, ChannelArguments.Partition)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.RepairFailed);
    }

    public QuarantineView List() => new(
        QuarantineView.NameOf(queues.OnMismatch),
        [.. queues.Quarantined.Select(static partition => ViewOf(partition, "queue")), .. streams.Quarantined.Select(static partition => ViewOf(partition, "stream"))]);

    private async Task<RepairedView> RepairAsync(ApiRequest request)
    {
        PartitionId partition = ChannelArguments.PartitionOf(request);
        bool isStream = streams.Catalogue.Find(partition.Queue) is not null;
        try
        {
            IReadOnlyList<RepairStep> steps = isStream ? await streams.RepairAsync(partition) : await queues.RepairAsync(partition);
            audit.Record(
                request, "partition_repaired", partition.ToString(), $"{steps.Count} damage(s) were dealt with; what could not be read is given up.", AuditSeverity.Critical,
                after: steps.Select(ViewOf));
            return new RepairedView(true, partition.Queue.Topic, partition.Queue.Group, partition.Partition, [.. steps.Select(ViewOf)]);
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            throw new ApiException(ApiErrorCodes.RepairFailed, failure.Message);
        }
    }

    private static RepairStepView ViewOf(RepairStep step) => new(step.Damage.ToString(), step.Action, step.LostRecords);

    private static QuarantinedPartitionView ViewOf(QuarantinedPartition quarantined, string kind)
    {
        (PartitionId id, LogDamage damage) = (quarantined.Partition, quarantined.Damage);
        return new QuarantinedPartitionView(
            id.Queue.Topic, id.Partition, id.Queue.Group, damage.ToString(), kind, damage.Path, damage.Position, damage.EndPosition, damage.Offset, damage.EndOffset,
            damage.EndOffset - damage.Offset);
    }
}
