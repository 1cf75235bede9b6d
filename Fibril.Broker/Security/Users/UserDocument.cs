using System.Buffers;
using System.Collections.Immutable;
using MessagePack;

namespace Fibril.Broker.Security.Users;

/// <summary>All users at one moment.</summary>
/// <param name="Version">Grows by one with every change; 0 while there never was a user.</param>
/// <param name="Users">By name.</param>
internal sealed record UserDocument(long Version, ImmutableSortedDictionary<string, StoredUser> Users)
{
    // Fields are only ever added at the end, and a reader passes over those that it does not know.
    private const int DocumentFields = 2;
    private const int UserFields = 6;
    private const int RuleFields = 2;

    public static UserDocument Empty { get; } = new(0, ImmutableSortedDictionary.Create<string, StoredUser>(StringComparer.Ordinal));

    /// <summary>This document with some users added, or in the place of those of their names.</summary>
    public UserDocument With(params IEnumerable<StoredUser> users) =>
        this with { Users = Users.SetItems(users.Select(static user => KeyValuePair.Create(user.Name, user))) };

    /// <summary>This document without a user; null when there is none of that name.</summary>
    public UserDocument? Without(string name) => Users.ContainsKey(name) ? this with { Users = Users.Remove(name) } : null;

    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(DocumentFields);
        writer.Write(Version);
        writer.WriteArrayHeader(Users.Count);
        foreach (StoredUser user in Users.Values) Encode(ref writer, user);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not a document of users.</exception>
    public static UserDocument Decode(byte[] payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            int fields = BeginFields(ref reader, DocumentFields);
            long version = reader.ReadInt64();
            int count = reader.ReadArrayHeader();
            ImmutableSortedDictionary<string, StoredUser>.Builder users = Empty.Users.ToBuilder();
            for (int i = 0; i < count; i++)
            {
                StoredUser user = DecodeUser(ref reader);
                users[user.Name] = user;
            }

            SkipRest(ref reader, fields, DocumentFields);
            return new UserDocument(version, users.ToImmutable());
        }
        catch (Exception broken) when (broken is MessagePackSerializationException or EndOfStreamException)
        {
            throw new InvalidDataException($"The users cannot be read: {broken.Message}", broken);
        }
    }

    private static void Encode(ref MessagePackWriter writer, StoredUser user)
    {
        writer.WriteArrayHeader(UserFields);
        writer.Write(user.Name);
        writer.Write(user.PasswordHash);
        writer.Write(user.CreatedMs);
        writer.Write(user.UpdatedMs);
        writer.Write((byte)user.Role);
        writer.WriteArrayHeader(user.Rules.Count);
        foreach (TopicRule rule in user.Rules)
        {
            writer.WriteArrayHeader(RuleFields);
            writer.Write(rule.Topics);
            writer.Write((byte)rule.Operations);
        }
    }

    private static StoredUser DecodeUser(ref MessagePackReader reader)
    {
        int fields = BeginFields(ref reader, UserFields);
        string name = reader.ReadString()!;
        string hash = reader.ReadString()!;
        long created = reader.ReadInt64();
        long updated = reader.ReadInt64();
        var role = (UserRole)reader.ReadByte();
        var rules = new TopicRule[reader.ReadArrayHeader()];
        for (int i = 0; i < rules.Length; i++)
        {
            int ruleFields = BeginFields(ref reader, RuleFields);
            rules[i] = new TopicRule(reader.ReadString()!, (TopicOperations)reader.ReadByte());
            SkipRest(ref reader, ruleFields, RuleFields);
        }

        SkipRest(ref reader, fields, UserFields);

        // A role that a newer version added says nothing to this one, so it gives nothing.
        return new StoredUser(name, hash, created, updated, Enum.IsDefined(role) ? role : UserRole.None, rules);
    }

    private static int BeginFields(ref MessagePackReader reader, int least)
    {
        int fields = reader.ReadArrayHeader();
        return fields >= least ? fields : throw new InvalidDataException($"The users cannot be read: {fields} fields where {least} or more have to be.");
    }

    private static void SkipRest(ref MessagePackReader reader, int fields, int known)
    {
        for (int i = known; i < fields; i++) reader.Skip();
    }
}
