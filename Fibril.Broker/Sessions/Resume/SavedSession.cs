using MessagePack;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>
/// What outlives the broker of a session with subscriptions: who may resume it. Not the subscriptions, which the client lists itself when
/// it comes back, and not the token, which a reader of the disk could use.
/// </summary>
/// <param name="ClientId">Names the session.</param>
/// <param name="TokenHash">See <see cref="ResumeToken.Hash"/>.</param>
/// <param name="UserName">Who it belongs to.</param>
/// <param name="SeenMs">When the session was last known to exist, in Unix milliseconds.</param>
internal sealed record SavedSession(Guid ClientId, byte[] TokenHash, string UserName, long SeenMs)
{
    private const int GuidBytes = 16;
    private const int FieldCount = 4;

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(ClientId.ToByteArray(bigEndian: true));
        writer.Write(TokenHash);
        writer.Write(UserName);
        writer.Write(SeenMs);
    }

    /// <summary>Throws when the bytes are not what <see cref="Write"/> writes.</summary>
    public static SavedSession Read(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != FieldCount) throw Malformed();
        byte[] id = ReadBytes(ref reader, GuidBytes);
        byte[] hash = ReadBytes(ref reader, ResumeToken.HashBytes);
        string user = reader.ReadString() ?? throw Malformed();
        return new SavedSession(new Guid(id, bigEndian: true), hash, user, reader.ReadInt64());
    }

    private static byte[] ReadBytes(ref MessagePackReader reader, int length)
    {
        if (reader.ReadBytes() is not { } bytes || bytes.Length != length) throw Malformed();
        byte[] read = new byte[length];
        System.Buffers.BuffersExtensions.CopyTo(bytes, read);
        return read;
    }

    private static MessagePackSerializationException Malformed() => new("a saved session has the wrong fields");
}
