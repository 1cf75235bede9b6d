using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fibril.Protocol;
using MessagePack;
using MessagePack.Formatters;

namespace Fibril.Client;

public sealed partial class ReceivedMessage
{
    private const string DynamicMessagePack = "The resolver of the options may generate code at run time; pass a formatter instead.";
    private const string ReflectionJson = "JSON by reflection needs types that trimming may remove; pass JsonTypeInfo<T> instead.";

    /// <summary>Reads the payload, whatever its content type says.</summary>
    /// <exception cref="FibrilSerializationException">The payload is something else. The message is still to be settled.</exception>
    public T Deserialize<T>(MessageSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        try
        {
            return serializer.Deserialize(Payload);
        }
        catch (Exception failure)
        {
            throw CannotRead<T>(failure.Message, failure);
        }
    }

    /// <summary>
    /// Reads the payload as its content type says: JSON, text for a string, and MessagePack, which is also what no content type means.
    /// </summary>
    /// <param name="jsonOptions">Null for the defaults of the web.</param>
    /// <param name="messagePackOptions">Null for the library's standard ones.</param>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    [RequiresUnreferencedCode("Chooses between JSON by reflection and MessagePack; pass a serializer instead.")]
    [RequiresDynamicCode("Chooses between JSON by reflection and MessagePack; pass a serializer instead.")]
    public T Deserialize<T>(JsonSerializerOptions? jsonOptions = null, MessagePackSerializerOptions? messagePackOptions = null)
    {
        switch (_contentType)
        {
            case ContentTypeKind.Json:
                return DeserializeJson<T>(jsonOptions);
            case ContentTypeKind.MessagePack or ContentTypeKind.None:
                return DeserializeMessagePack<T>(messagePackOptions);
            case ContentTypeKind.Text when typeof(T) == typeof(string):
                return (T)(object)GetText();
            default:
                throw CannotRead<T>("there is no serializer for its content type", inner: null);
        }
    }

    /// <summary>Reads JSON.</summary>
    /// <param name="typeInfo">Metadata that the source generator made.</param>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    public T DeserializeJson<T>(JsonTypeInfo<T> typeInfo) => Deserialize(MessageSerializer.Json(typeInfo));

    /// <summary>Reads JSON by reflection.</summary>
    /// <param name="options">Null for the defaults of the web.</param>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public T DeserializeJson<T>(JsonSerializerOptions? options = null) => Deserialize(MessageSerializer.Json<T>(options));

    /// <summary>Reads MessagePack.</summary>
    /// <param name="formatter">What it needs for members must be built into MessagePack.</param>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    public T DeserializeMessagePack<T>(IMessagePackFormatter<T> formatter) => Deserialize(MessageSerializer.MessagePack(formatter));

    /// <summary>Reads MessagePack.</summary>
    /// <param name="options">Null for the library's standard ones.</param>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    [RequiresUnreferencedCode(DynamicMessagePack)]
    [RequiresDynamicCode(DynamicMessagePack)]
    public T DeserializeMessagePack<T>(MessagePackSerializerOptions? options = null) =>
        Deserialize(options is null ? MessageSerializer.MessagePack<T>() : MessageSerializer.MessagePack<T>(options));

    /// <summary>Reads text in UTF-8.</summary>
    /// <inheritdoc cref="Deserialize{T}(MessageSerializer{T})" path="/exception"/>
    public string GetText() => Deserialize(MessageSerializer.Text);

    private FibrilSerializationException CannotRead<T>(string why, Exception? inner) => new(
        $"Failed to deserialize {this} ({ContentType ?? "no content type"}, {Payload.Length} bytes) as {typeof(T)}: {why}", inner);
}
