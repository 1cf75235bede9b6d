using System.Text;
using Fibril.Protocol;

namespace Fibril.Client.Serialization;

/// <summary>A content type in the form that goes over the wire, made once and used for many messages.</summary>
internal sealed class WireContentType
{
    public static readonly WireContentType MessagePack = new(ContentTypeKind.MessagePack, []);
    public static readonly WireContentType Json = new(ContentTypeKind.Json, []);
    public static readonly WireContentType Text = new(ContentTypeKind.Text, []);

    private readonly ContentTypeKind _kind;
    private readonly byte[] _customMime;

    private WireContentType(ContentTypeKind kind, byte[] customMime)
    {
        _kind = kind;
        _customMime = customMime;
    }

    public ContentType Value => _kind == ContentTypeKind.Custom ? ContentType.Custom(_customMime) : ContentType.Of(_kind);

    public static WireContentType Parse(string mime)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(mime);
        return ContentType.FromHeader(utf8).Kind switch
        {
            ContentTypeKind.MessagePack => MessagePack,
            ContentTypeKind.Json => Json,
            ContentTypeKind.Text => Text,
            _ => new WireContentType(ContentTypeKind.Custom, utf8),
        };
    }

    public override string ToString() => Value.ToMime() ?? "";
}
