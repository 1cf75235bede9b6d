using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Sessions;
using Fibril.Protocol;

namespace Fibril.Broker.Admin.Http;

/// <summary>Channels as requests name them (admin-api 1.3): groups are trimmed, and a blank one and <c>default</c> are none.</summary>
internal static class ChannelArguments
{
    public static readonly QueryParameter<string> Topic = Query.RequiredText("topic", "The topic.");
    public static readonly QueryParameter<string?> Group = Query.Text("group", "The group of the topic; none when it is left out, blank, or 'default'.");
    public static readonly QueryParameter<long> Partition = Query.Number("partition", "The partition.", 0, int.MaxValue, 0);

    /// <exception cref="ApiException">A name is not legal.</exception>
    public static QueueName QueueOf(ApiRequest request) => QueueOf(request.Get(Topic), request.Get(Group));

    /// <exception cref="ApiException">A name is not legal.</exception>
    public static PartitionId PartitionOf(ApiRequest request) => new(QueueOf(request), (int)request.Get(Partition));

    /// <param name="topic">As sent.</param>
    /// <param name="group">As sent; null for none.</param>
    /// <param name="field">The field or parameter that holds the topic, for the error.</param>
    /// <param name="refusal">The code to refuse with.</param>
    /// <exception cref="ApiException">A name is not legal.</exception>
    public static QueueName QueueOf(string? topic, string? group, string field = "topic", ApiErrorCode? refusal = null)
    {
        ApiErrorCode code = refusal ?? ApiErrorCodes.InvalidTopic;
        string trimmed = (topic ?? "").Trim();
        if (trimmed.Length == 0) throw new ApiException(code, $"The field {field} is blank; name a topic.", new FieldProblem(field, "is blank"));
        ThrowIfIllegal(trimmed, field, code);
        string? normalised = group?.Trim();
        if (normalised is null or "" or "default") return new QueueName(trimmed, null);
        ThrowIfIllegal(normalised, field.Replace("topic", "group", StringComparison.Ordinal), code);
        return new QueueName(trimmed, normalised);
    }

    /// <exception cref="ApiException">There is no such queue.</exception>
    public static QueueEntry ExistingIn(QueueRegistry queues, QueueName name) =>
        queues.Catalogue.Find(name) ?? throw new ApiException(ApiErrorCodes.UnknownQueue, $"There is no queue {name} here; check its topic and group.");

    /// <exception cref="ApiException">The request is guarded, and the guard names another topic.</exception>
    public static void Confirm(QueueName name, string? confirmTopic)
    {
        if (confirmTopic is null || confirmTopic.Trim() == name.Topic) return;
        throw new ApiException(
            ApiErrorCodes.ConfirmationMismatch, $"confirm_topic is '{ChannelNames.ForLog(confirmTopic)}' and topic is '{name.Topic}'; nothing was done. Write the topic that is meant in both.",
            new FieldProblem("confirm_topic", "is not the topic"));
    }

    private static void ThrowIfIllegal(string name, string field, ApiErrorCode code)
    {
        if (Names.Explain(System.Text.Encoding.UTF8.GetBytes(name)) is not { } broken) return;
        throw new ApiException(code, $"'{ChannelNames.ForLog(name)}' cannot be a {field}: {broken}.", new FieldProblem(field, broken));
    }
}
