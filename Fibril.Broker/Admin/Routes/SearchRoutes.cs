using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Finds messages of queues and records of streams by what is in them and by time, and shows records of streams.</summary>
internal sealed class SearchRoutes(QueueRegistry queues, StreamRegistry streams, SideScans scans) : IApiModule
{
    private static readonly QueryParameter<long?> OnePartition = Query.OptionalNumber("partition", "One partition only; all when it is left out.", 0, int.MaxValue);
    private static readonly QueryParameter<string?> Header = Query.Text("header", "Only messages with this header, as key=value.");
    private static readonly QueryParameter<string?> Key = Query.Text("key", "Only messages with a header of exactly this value. A partition key is not kept with a message, unless it was sent as a header too.");
    private static readonly QueryParameter<string?> Text = Query.Text("text", "Only messages with this text in the first 64 KiB of the payload; it takes the role operator.");
    private static readonly QueryParameter<long?> FromMs = Query.OptionalNumber("from_ms", "Only messages received at this time or later, in Unix milliseconds.", 0, long.MaxValue);
    private static readonly QueryParameter<long?> ToMs = Query.OptionalNumber("to_ms", "Only messages received before this time, in Unix milliseconds.", 0, long.MaxValue);
    private static readonly QueryParameter<string?> Status = Query.Text("status", "Only these states: ready, inflight, delayed, pending_dlq, settled, with commas between them; all when it is left out. For queues only.");
    private static readonly QueryParameter<long> Limit = Query.Number("limit", "Most messages of the answer; beyond 500 is 500.", 1, long.MaxValue, SearchRequest.DefaultLimit);
    private static readonly QueryParameter<long> Scan =
        Query.Number("scan", "Most messages to look at for the answer. It comes after 2 s at the latest.", 1, SearchRequest.MostExaminedAtMost, SearchRequest.DefaultExamined);
    private static readonly QueryParameter<string?> Cursor = Query.Text("cursor", "Where the answer before this one has ended.");
    private static readonly QueryParameter<long> AtMs = Query.Number("at_ms", "The time, in Unix milliseconds.", 0, long.MaxValue, 0) with { IsRequired = true };
    private static readonly QueryParameter<long> From = Query.Number("from", "First offset to look at.", 0, long.MaxValue, 0);

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/messages/search", "Messages of a queue, or records of a stream, by what is in them: a piece of the search at a time.", SearchAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, OnePartition, Header, Key, Text, FromMs, ToMs, Status, Limit, Scan, Cursor,
                PayloadArguments.Include, PayloadArguments.Limit)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.InvalidMessageSearch, ApiErrorCodes.InvalidMessageStatusFilter, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownStream,
                ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable, ApiErrorCodes.StorageFailed);
        routes.Get("/admin/api/messages/offset_at", "The first message of a partition, of a queue or a stream, that was received at a time or later.", FindTimeAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, ChannelArguments.Partition, AtMs)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownStream, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable,
                ApiErrorCodes.StorageFailed);
        routes.Get("/admin/api/streams/records", "Records of a partition of a stream, a page at a time; moves no cursor.", ReadAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Partition, From, Limit, PayloadArguments.Include, PayloadArguments.Limit)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownStream, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable, ApiErrorCodes.StorageFailed);
    }

    private async Task<SearchView> SearchAsync(ApiRequest request)
    {
        string? text = request.Get(Text);
        if (text is not null) request.Require(Access.Operate, "Look for a text in payloads.");
        QueueName channel = ChannelArguments.QueueOf(request);
        int? partition = (int?)request.Get(OnePartition);
        var search = new SearchRequest(channel, ConditionOf(request, text))
        {
            Partition = partition,
            Limit = (int)Math.Min(request.Get(Limit), SearchRequest.MostLimit),
            MostExamined = (int)request.Get(Scan),
            PreviewBytes = PayloadArguments.Read(request),
            After = PlaceOf(request.Get(Cursor), partition),
        };
        StatusFilter? statuses = PayloadArguments.ParseStatuses(request.Get(Status));
        if (!streams.Has(channel.Topic))
            return SearchView.Of(search, await scans.RunAsync(() => queues.SearchAsync(search, statuses ?? StatusFilter.All, request.Aborted), request.Aborted));
        if (statuses is not null) throw Refuse("status", $"Topic {channel.Topic} is a stream, whose records have no state; leave out status.");
        return SearchView.Of(search, await scans.RunAsync(() => streams.Inspector.SearchAsync(search, request.Aborted), request.Aborted));
    }

    private async Task<FoundTimeView> FindTimeAsync(ApiRequest request)
    {
        PartitionId id = ChannelArguments.PartitionOf(request);
        long at = request.Get(AtMs);
        return FoundTimeView.Of(
            id, at, streams.Has(id.Queue.Topic) ? await streams.Inspector.FindTimeAsync(id, at, request.Aborted) : await queues.FindTimeAsync(id, at, request.Aborted));
    }

    private async Task<RecordPageView> ReadAsync(ApiRequest request)
    {
        var id = new PartitionId(ChannelArguments.QueueOf(request.Get(ChannelArguments.Topic), null), (int)request.Get(ChannelArguments.Partition));
        int limit = (int)Math.Min(request.Get(Limit), SearchRequest.MostLimit);
        return RecordPageView.Of(id, await streams.Inspector.ReadAsync(id, request.Get(From), limit, PayloadArguments.Read(request), request.Aborted));
    }

    private static MessageCondition ConditionOf(ApiRequest request, string? text)
    {
        (long? from, long? to) = (request.Get(FromMs), request.Get(ToMs));
        if (from >= to) throw Refuse("to_ms", $"No time is at or after {from} and before {to}; give the earlier one in from_ms.");
        (string, string)? header = null;
        if (request.Get(Header) is { } pair)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw Refuse("header", $"'{Sessions.ChannelNames.ForLog(pair)}' is no header; write key=value.");
            header = (pair[..equals], pair[(equals + 1)..]);
        }

        return new MessageCondition { Header = header, HeaderValue = request.Get(Key), Text = text, FromMs = from, ToMs = to };
    }

    private static SearchPlace? PlaceOf(string? cursor, int? partition)
    {
        if (cursor is null) return null;
        if (SearchPlace.Parse(cursor) is not { } place)
            throw Refuse("cursor", $"'{Sessions.ChannelNames.ForLog(cursor)}' is no cursor; give the one of the answer before, or none to begin.");
        if (partition is { } only && place.Partition != only)
            throw Refuse("cursor", $"The cursor belongs to a search of partition {place.Partition}, and partition {only} is asked for; go on with the same parameters.");
        return place;
    }

    private static ApiException Refuse(string parameter, string message) => new(ApiErrorCodes.InvalidMessageSearch, message, new FieldProblem(parameter, message));
}
