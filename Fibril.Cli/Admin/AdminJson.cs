using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fibril.Cli.Admin;

/// <summary>Writes requests of the admin API without reflection, so that a native binary can.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeclareQueueRequest))]
[JsonSerializable(typeof(DeleteChannelRequest))]
[JsonSerializable(typeof(PurgeRequest))]
[JsonSerializable(typeof(QueueDlqRequest))]
[JsonSerializable(typeof(StreamRetentionRequest))]
[JsonSerializable(typeof(DeleteMessagesRequest))]
[JsonSerializable(typeof(MoveMessagesRequest))]
[JsonSerializable(typeof(GlobalDlqRequest))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(BulkReplayRequest))]
[JsonSerializable(typeof(BulkSettleRequest))]
[JsonSerializable(typeof(SettleDeadLettersRequest))]
[JsonSerializable(typeof(CloseConnectionRequest))]
[JsonSerializable(typeof(AddMemberRequest))]
[JsonSerializable(typeof(RemoveMemberRequest))]
[JsonSerializable(typeof(RepartitionRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(SetUserRequest))]
[JsonSerializable(typeof(ChangeUserRequest))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(double))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>A document that this tool puts together, as one of the broker's.</summary>
    public static JsonElement Element(JsonObject node)
    {
        using JsonDocument document = JsonDocument.Parse(node.ToJsonString(Relaxed));
        return document.RootElement.Clone();
    }

    /// <summary>A document of the broker with fields of this tool's in it.</summary>
    public static JsonElement With(JsonElement document, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var node = (JsonObject)JsonNode.Parse(document.GetRawText())!;
        foreach ((string name, JsonNode? value) in fields) node[name] = value;
        return Element(node);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = Default };
}
