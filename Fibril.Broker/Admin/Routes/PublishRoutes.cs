using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Admin.Routes;

/// <summary>One test message of an operator (admin-api 18.1, O-11).</summary>
internal sealed class PublishRoutes(TestPublisher publisher, AuditTrail audit) : IApiModule
{
    private const int LongestContentType = 255;

    public void Map(ApiRoutes routes) =>
        routes.Post<TestPublishBody, TestPublishView>("/admin/api/publish", Access.Operate, "Sends one message, marked with the header fibril.test, and waits for its confirm.", PublishAsync)
            .May(ApiErrorCodes.TopicRequired, ApiErrorCodes.InvalidTopic, ApiErrorCodes.PublishFailed, ApiErrorCodes.PartitionUnavailable);

    private async Task<TestPublishView> PublishAsync(ApiRequest request, TestPublishBody body)
    {
        if (string.IsNullOrWhiteSpace(body.Topic)) throw new ApiException(ApiErrorCodes.TopicRequired, "The field topic is blank; name a queue or a stream.", new FieldProblem("topic", "is blank"));
        if (body.ContentType?.Length > LongestContentType || body.ContentType?.Any(static character => character is < ' ' or > '~') == true)
            throw new ApiException(ApiErrorCodes.InvalidBody, $"content_type is no MIME text of at most {LongestContentType} ASCII characters.", new FieldProblem("content_type", "is no MIME text"));
        QueueName name = ChannelArguments.QueueOf(body.Topic, body.Group);
        (int partition, bool isStream, long offset) = await PublishAsync(request, name, body);
        audit.Record(request, "test_publish", name.ToString(), $"Offset {offset} of partition {partition}.");
        return new TestPublishView(partition, isStream ? "stream" : "queue", offset);
    }

    private async Task<(int Partition, bool IsStream, long Offset)> PublishAsync(ApiRequest request, QueueName name, TestPublishBody body)
    {
        try
        {
            return await publisher.PublishAsync(name, body.Text, body.ContentType);
        }
        catch (UnconfirmedException unknown)
        {
            audit.Record(request, "test_publish", name.ToString(), unknown.Message, AuditSeverity.Warning);
            throw new ApiException(ApiErrorCodes.PublishFailed, unknown.Message);
        }
    }
}
