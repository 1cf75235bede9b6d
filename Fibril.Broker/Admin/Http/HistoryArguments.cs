using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Statistics.History;

namespace Fibril.Broker.Admin.Http;

/// <summary>Which part of the history a request asks for (admin-api 6.2).</summary>
internal static class HistoryArguments
{
    public static readonly QueryParameter<string?> Queues = Query.OneOf("queues", "all for the samples of single queues as well, which is so when it is left out; none for the broker alone.", "all", "none");

    private static readonly QueryParameter<string?> Range = Query.OneOf(
        "range", "30m for a sample every 5 s, which is so when it is left out; 24h for one a minute, and one every 5 min of single queues; 30d for one every 15 min.", "30m", "24h", "30d");

    private static readonly QueryParameter<long?> Since = Query.OptionalNumber("since", "Only samples after this, in Unix seconds.", 0, long.MaxValue);
    private static readonly QueryParameter<string?> Topic = Query.Text("topic", "Only the samples of this queue, all of them; those of all queues are thinned out to 72 of each.");
    private static readonly QueryParameter<string?> Group = Query.Text("group", "The group of the topic; none when it is left out, blank, or 'default'.");

    public static IReadOnlyList<QueryParameter> All { get; } = [Range, Since, Queues, Topic, Group];

    /// <summary>Whether samples of single queues are wanted.</summary>
    public static bool WantsQueues(ApiRequest request) => request.Get(Queues) != "none";

    /// <exception cref="ApiException">It asks for a queue that does not exist, or contradicts itself.</exception>
    public static HistoryQuery Of(ApiRequest request, QueueRegistry queues) => new()
    {
        Range = request.Get(Range) switch { "24h" => HistoryRange.Day, "30d" => HistoryRange.Month, _ => HistoryRange.HalfHour },
        SinceSeconds = request.Get(Since) ?? long.MinValue,
        WithQueues = WantsQueues(request),
        Queue = QueueOf(request, queues),
    };

    private static QueueName? QueueOf(ApiRequest request, QueueRegistry queues)
    {
        (string? topic, string? group) = (request.Get(Topic), request.Get(Group));
        if (topic is null && group is null) return null;
        if (topic is null) throw Refuse("group", "needs the topic that it is a group of; name that in topic.");
        if (!WantsQueues(request)) throw Refuse("queues", "cannot be none when a topic is named; leave one of them out.");
        return ChannelArguments.ExistingIn(queues, ChannelArguments.QueueOf(topic, group)).Name;
    }

    private static ApiException Refuse(string parameter, string problem) =>
        new(ApiErrorCodes.InvalidArgument, $"The query parameter {parameter} {problem}", new FieldProblem(parameter, problem));
}
