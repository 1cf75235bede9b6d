using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fibril.Client.Serialization;

internal sealed class JsonMessageSerializer<T>(JsonTypeInfo<T> typeInfo) : MessageSerializer<T>
{
    public override string ContentType => "application/json";

    public override void Serialize(IBufferWriter<byte> output, T value)
    {
        using var writer = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(writer, value, typeInfo);
    }

    public override T Deserialize(ReadOnlyMemory<byte> payload) => JsonSerializer.Deserialize(payload.Span, typeInfo)!;
}
