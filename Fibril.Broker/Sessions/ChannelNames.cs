using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

/// <summary>Names of clients, checked and normalised: an absent, empty or "default" group is the same queue (NAM-1, NAM-3).</summary>
internal static class ChannelNames
{
    private const int LongestLoggedText = 128;

    /// <exception cref="ArgumentException">The topic or group is not a legal name; the message is fit for clients.</exception>
    public static PartitionId ToPartitionId(string topic, string? group, uint partition)
    {
        OptionalUtf8 encodedGroup = group is null ? default : new OptionalUtf8(Encoding.UTF8.GetBytes(group));
        return ToPartitionId(Encoding.UTF8.GetBytes(topic), encodedGroup, partition);
    }

    /// <exception cref="ArgumentException">The topic or group is not a legal name; the message is fit for clients.</exception>
    public static PartitionId ToPartitionId(ReadOnlySpan<byte> topic, OptionalUtf8 group, uint partition)
    {
        ThrowIfInvalid("topic", topic);
        string? groupName = null;
        if (!Names.IsDefaultGroup(group))
        {
            ThrowIfInvalid("group", group.Value);
            groupName = Encoding.UTF8.GetString(group.Value);
        }

        if (partition > int.MaxValue) throw new ArgumentException($"There is no partition {partition}.");
        return new PartitionId(new QueueName(Encoding.UTF8.GetString(topic), groupName), (int)partition);
    }

    /// <summary>Free text of a client, short and without line breaks, so that it cannot forge log lines.</summary>
    public static string ForLog(string text)
    {
        string shortened = text.Length > LongestLoggedText ? text[..LongestLoggedText] : text;
        return string.Create(shortened.Length, shortened, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }

    private static void ThrowIfInvalid(string what, ReadOnlySpan<byte> name)
    {
        if (Names.Explain(name) is not { } broken) return;
        throw new ArgumentException($"'{ForLog(Encoding.UTF8.GetString(name))}' cannot be the name of a {what}: {broken}.");
    }
}
