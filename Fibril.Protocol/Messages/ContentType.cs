using System.Text;

namespace Fibril.Protocol;

/// <summary>Tags of the content type union. Frozen.</summary>
public enum ContentTypeKind : byte
{
    /// <summary>Not given.</summary>
    None = 0,
    /// <summary><c>application/msgpack</c></summary>
    MessagePack = 1,
    /// <summary><c>application/json</c></summary>
    Json = 2,
    /// <summary><c>text/plain; charset=utf-8</c></summary>
    Text = 3,
    /// <summary>Any other MIME string, verbatim.</summary>
    Custom = 4,
}

/// <summary>What a payload is; a view when it was read from a body.</summary>
public readonly ref struct ContentType
{
    private const string MessagePackMime = "application/msgpack";
    private const string JsonMime = "application/json";
    private const string TextMime = "text/plain; charset=utf-8";

    private ContentType(ContentTypeKind kind, ReadOnlySpan<byte> customMime)
    {
        Kind = kind;
        CustomMime = customMime;
    }

    /// <summary>Which of the known types, or <see cref="ContentTypeKind.Custom"/>.</summary>
    public ContentTypeKind Kind { get; }

    /// <summary>The MIME string in UTF-8; only for <see cref="ContentTypeKind.Custom"/>.</summary>
    public ReadOnlySpan<byte> CustomMime { get; }

    /// <summary>No content type.</summary>
    public static ContentType None => default;

    /// <summary>One of the types without a MIME string of its own.</summary>
    public static ContentType Of(ContentTypeKind kind) => kind < ContentTypeKind.Custom
        ? new ContentType(kind, default)
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "A custom content type needs its MIME string.");

    /// <summary>Any MIME string, kept verbatim.</summary>
    public static ContentType Custom(ReadOnlySpan<byte> mime) => new(ContentTypeKind.Custom, mime);

    /// <summary>Interprets the value of a <c>content-type</c> header as PUB-2 says.</summary>
    public static ContentType FromHeader(ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual("text/plain; charset=utf-8"u8)) return Of(ContentTypeKind.Text);

        int parameters = value.IndexOf((byte)';');
        ReadOnlySpan<byte> mediaType = (parameters < 0 ? value : value[..parameters]).Trim(" \t"u8);
        if (mediaType.SequenceEqual("application/msgpack"u8)) return Of(ContentTypeKind.MessagePack);
        if (mediaType.SequenceEqual("application/json"u8)) return Of(ContentTypeKind.Json);
        return Custom(value);
    }

    /// <summary>The MIME string, or null for <see cref="ContentTypeKind.None"/>.</summary>
    public string? ToMime() => Kind switch
    {
        ContentTypeKind.MessagePack => MessagePackMime,
        ContentTypeKind.Json => JsonMime,
        ContentTypeKind.Text => TextMime,
        ContentTypeKind.Custom => Encoding.UTF8.GetString(CustomMime),
        _ => null,
    };

    /// <summary>Encoded size, in bytes.</summary>
    public int Measure() => Kind == ContentTypeKind.Custom ? 5 + CustomMime.Length : 1;

    /// <summary>Writes the tag and, for a custom type, the MIME string.</summary>
    public void Write(ref WireWriter writer)
    {
        writer.WriteU8((byte)Kind);
        if (Kind == ContentTypeKind.Custom) writer.WriteBytes(CustomMime);
    }

    /// <summary>Reads a content type; the MIME string stays a view of the body.</summary>
    public static ContentType Read(scoped ref WireReader reader)
    {
        var kind = (ContentTypeKind)reader.ReadClosed8((byte)ContentTypeKind.Custom);
        return kind == ContentTypeKind.Custom ? Custom(reader.ReadUtf8()) : Of(kind);
    }
}
