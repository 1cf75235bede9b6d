using System.Buffers;
using System.Text;

namespace Fibril.Client.Serialization;

internal sealed class TextSerializer : MessageSerializer<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override string ContentType => "text/plain; charset=utf-8";

    public override void Serialize(IBufferWriter<byte> output, string value) => Strict.GetBytes(value, output);

    public override string Deserialize(ReadOnlyMemory<byte> payload) => Strict.GetString(payload.Span);
}
