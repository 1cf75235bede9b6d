using System.Buffers;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Fibril.Client.Serialization;

internal sealed class MessagePackMessageSerializer<T>(MessagePackSerializerOptions options) : MessageSerializer<T>
{
    public override string ContentType => "application/msgpack";

    public override void Serialize(IBufferWriter<byte> output, T value) => MessagePackSerializer.Serialize(output, value, options);

    public override T Deserialize(ReadOnlyMemory<byte> payload) => MessagePackSerializer.Deserialize<T>(payload, options);
}

/// <summary>Uses the formatter itself and not the library's entry point, which would bring its run-time code generation along.</summary>
internal sealed class MessagePackFormatterSerializer<T>(IMessagePackFormatter<T> formatter, MessagePackSerializerOptions options)
    : MessageSerializer<T>
{
    public override string ContentType => "application/msgpack";

    public override void Serialize(IBufferWriter<byte> output, T value)
    {
        var writer = new MessagePackWriter(output);
        formatter.Serialize(ref writer, value, options);
        writer.Flush();
    }

    public override T Deserialize(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        T value = formatter.Deserialize(ref reader, options);
        return reader.End ? value : throw new MessagePackSerializationException("Bytes are left over behind the value.");
    }
}

/// <summary>One formatter, and the built-in ones for what it calls.</summary>
internal sealed class SingleFormatterResolver<TValue>(IMessagePackFormatter<TValue> formatter) : IFormatterResolver
{
    public IMessagePackFormatter<T>? GetFormatter<T>() => formatter as IMessagePackFormatter<T> ?? BuiltinResolver.Instance.GetFormatter<T>();
}
