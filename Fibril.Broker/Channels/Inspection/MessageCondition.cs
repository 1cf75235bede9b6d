using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Protocol;

namespace Fibril.Broker.Channels.Inspection;

/// <summary>What somebody knows of a message that is looked for; all of it must be true. Immutable.</summary>
/// <remarks>There is no condition on the partition key: it is not kept with the message. <see cref="HeaderValue"/> finds one that was sent as a header, too.</remarks>
internal sealed record MessageCondition
{
    /// <summary>Bytes of a payload that are searched.</summary>
    public const int MostSearchedBytes = 64 << 10;

    // Clocks are set back now and then: what is later than wanted by more than this ends the search of a partition.
    private static readonly long ClockSlackMs = (long)TimeSpan.FromMinutes(5).TotalMilliseconds;

    private readonly byte[]? _key;
    private readonly byte[]? _value;
    private readonly byte[]? _anyValue;
    private readonly byte[]? _text;

    /// <summary>A header that it carries, with exactly this value. Of a key that came twice the last value counts.</summary>
    public (string Key, string Value)? Header
    {
        get;
        init
        {
            field = value;
            (_key, _value) = value is { } header ? (Encoding.UTF8.GetBytes(header.Key), Encoding.UTF8.GetBytes(header.Value)) : (null, null);
        }
    }

    /// <summary>The whole value of any of its headers.</summary>
    public string? HeaderValue
    {
        get;
        init => _anyValue = (field = value) is null ? null : Encoding.UTF8.GetBytes(value!);
    }

    /// <summary>A text in the first 64 KiB of its payload, in UTF-8.</summary>
    public string? Text
    {
        get;
        init => _text = (field = value) is null ? null : Encoding.UTF8.GetBytes(value!);
    }

    /// <summary>Received at this time or later, Unix milliseconds.</summary>
    public long? FromMs { get; init; }

    /// <summary>Received before this time, Unix milliseconds.</summary>
    public long? ToMs { get; init; }

    /// <summary>True for a message that meets the condition.</summary>
    /// <param name="record">A message; valid for the call.</param>
    public bool IsMetBy(in Record record)
    {
        if (record.Timestamp < FromMs || record.Timestamp >= ToMs) return false;
        if (_key is null && _anyValue is null && _text is null) return true;
        var message = new StoredMessage(record);
        return (_key is null || message.Headers.Has(_key, _value)) && HasValue(message.Headers) && HasText(message.Payload);
    }

    /// <summary>True when nothing behind a record can meet the condition, unless the clock was set back by minutes.</summary>
    public bool IsPast(long timestamp) => ToMs is { } to && timestamp - ClockSlackMs >= to;

    private bool HasValue(HeaderBlock headers)
    {
        if (_anyValue is null) return true;
        foreach (Header header in headers)
        {
            if (header.Value.SequenceEqual(_anyValue)) return true;
        }

        return false;
    }

    private bool HasText(ReadOnlySpan<byte> payload) => _text is null || payload[..Math.Min(payload.Length, MostSearchedBytes)].IndexOf(_text) >= 0;
}
