using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Why messages flow or do not.</summary>
internal sealed class ExplainRoutes(Explainer explainer) : IApiModule
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/explain/queue/{topic}", "Why the messages of a queue flow or do not, with evidence and remedies.", ExplainQueueAsync)
            .With(ChannelArguments.Group).May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue);
        routes.Get("/admin/api/explain/consumer/{id}", "The same for the subscriptions of one connection, or session.", ExplainConsumerAsync)
            .May(ApiErrorCodes.UnknownConnection);
    }

    private Task<Explanation> ExplainQueueAsync(ApiRequest request) =>
        explainer.ExplainAsync(ChannelArguments.QueueOf(request.Path("topic"), request.Get(ChannelArguments.Group)), request.Aborted);

    private Task<Explanation> ExplainConsumerAsync(ApiRequest request)
    {
        string id = request.Path("id");
        return Guid.TryParse(id, out Guid wanted)
            ? explainer.ExplainConsumerAsync(wanted, request.Aborted)
            : throw new ApiException(ApiErrorCodes.UnknownConnection, $"'{ChannelNames.ForLog(id)}' is no id of a connection; GET /admin/api/connections lists them.");
    }
}
