using System.Text;
using Fibril.Protocol;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class ContentTypeTests
{
    [Theory] // PUB-2, Q-59
    [InlineData("application/msgpack", ContentTypeKind.MessagePack)]
    [InlineData("application/msgpack;v=2", ContentTypeKind.MessagePack)]
    [InlineData("application/json", ContentTypeKind.Json)]
    [InlineData(" application/json ; charset=utf-8", ContentTypeKind.Json)]
    [InlineData("\tapplication/json", ContentTypeKind.Json)]
    [InlineData("text/plain; charset=utf-8", ContentTypeKind.Text)]
    [InlineData("text/plain;charset=utf-8", ContentTypeKind.Custom)]
    [InlineData("text/plain", ContentTypeKind.Custom)]
    [InlineData("Application/Json", ContentTypeKind.Custom)]
    [InlineData("application/jsonl", ContentTypeKind.Custom)]
    [InlineData("image/png; q=1", ContentTypeKind.Custom)]
    [InlineData("", ContentTypeKind.Custom)]
    public void Header_value_becomes_the_content_type(string value, ContentTypeKind expected)
    {
        ContentType type = ContentType.FromHeader(Encoding.UTF8.GetBytes(value));

        Assert.Equal(expected, type.Kind);
        if (expected == ContentTypeKind.Custom) Assert.Equal(value, type.ToMime());
    }

    [Fact]
    public void Known_types_stand_for_their_mime_strings()
    {
        Assert.Null(ContentType.None.ToMime());
        Assert.Equal("application/msgpack", ContentType.Of(ContentTypeKind.MessagePack).ToMime());
        Assert.Equal("application/json", ContentType.Of(ContentTypeKind.Json).ToMime());
        Assert.Equal("text/plain; charset=utf-8", ContentType.Of(ContentTypeKind.Text).ToMime());
        Assert.Throws<ArgumentOutOfRangeException>(() => ContentType.Of(ContentTypeKind.Custom).Kind);
    }
}
