using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fibril.Client.Serialization;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Fibril.Client;

/// <summary>Turns values into payloads and back. Thread-safe; derive from it for other formats.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
public abstract class MessageSerializer<T>
{
    private WireContentType? _wireContentType;

    /// <summary>MIME type that messages get unless their properties say otherwise; null for none.</summary>
    public abstract string? ContentType { get; }

    /// <summary>Writes <paramref name="value"/>. Whatever it throws reaches the caller as a <see cref="FibrilSerializationException"/>.</summary>
    public abstract void Serialize(IBufferWriter<byte> output, T value);

    /// <summary>Reads a value. Whatever it throws reaches the caller as a <see cref="FibrilSerializationException"/>.</summary>
    /// <param name="payload">The whole payload; may be kept.</param>
    public abstract T Deserialize(ReadOnlyMemory<byte> payload);

    internal WireContentType? WireContentType => ContentType is { } mime ? _wireContentType ??= WireContentType.Parse(mime) : null;

    /// <summary>Writes a value into a buffer that the caller returns.</summary>
    internal PayloadWriter ToPayload(T value)
    {
        PayloadWriter writer = PayloadWriter.Rent();
        try
        {
            Serialize(writer, value);
            return writer;
        }
        catch (Exception failure)
        {
            PayloadWriter.Return(writer);
            throw new FibrilSerializationException($"Failed to serialize a value of {typeof(T)}: {failure.Message}", failure);
        }
    }
}

/// <summary>The serializers that come with the client. Make one and keep it: some cost a little to make.</summary>
public static class MessageSerializer
{
    private const string DynamicMessagePack =
        "The standard resolvers of MessagePack generate code at run time; pass a formatter, or options with a static resolver.";
    private const string ReflectionJson = "JSON by reflection needs types that trimming may remove; pass JsonTypeInfo<T>.";

    /// <summary>Text in UTF-8.</summary>
    public static MessageSerializer<string> Text { get; } = new TextSerializer();

    /// <summary>JSON by the metadata that the source generator made.</summary>
    public static MessageSerializer<T> Json<T>(JsonTypeInfo<T> typeInfo) => new JsonMessageSerializer<T>(typeInfo);

    /// <summary>JSON by reflection.</summary>
    /// <param name="options">Null for the defaults of the web: camel case, numbers from strings.</param>
    [RequiresUnreferencedCode(ReflectionJson)]
    [RequiresDynamicCode(ReflectionJson)]
    public static MessageSerializer<T> Json<T>(JsonSerializerOptions? options = null) =>
        new JsonMessageSerializer<T>((JsonTypeInfo<T>)(options ?? JsonSerializerOptions.Web).GetTypeInfo(typeof(T)));

    /// <summary>MessagePack by one formatter; what it needs for its members must be built in.</summary>
    public static MessageSerializer<T> MessagePack<T>(IMessagePackFormatter<T> formatter) =>
        new MessagePackFormatterSerializer<T>(formatter, new MessagePackSerializerOptions(new SingleFormatterResolver<T>(formatter)));

    /// <summary>MessagePack by options, whose resolver decides whether code is generated at run time.</summary>
    public static MessageSerializer<T> MessagePack<T>(MessagePackSerializerOptions options) => new MessagePackMessageSerializer<T>(options);

    /// <summary>MessagePack by the standard resolvers, for types with the library's attributes.</summary>
    [RequiresDynamicCode(DynamicMessagePack)]
    [RequiresUnreferencedCode(DynamicMessagePack)]
    public static MessageSerializer<T> MessagePack<T>() =>
        new MessagePackMessageSerializer<T>(MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData));
}
