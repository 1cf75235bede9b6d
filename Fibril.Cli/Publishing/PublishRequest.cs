using Fibril.Client;

namespace Fibril.Cli.Publishing;

/// <summary>What to publish, and how.</summary>
internal sealed record PublishRequest
{
    public const int DefaultInFlight = 4096;
    public const int MostInFlight = 1 << 20;

    public required string Topic { get; init; }

    public string? Group { get; init; }

    /// <summary>The message, as given on the command line; null when it comes from a file or standard input.</summary>
    public string? Text { get; init; }

    /// <summary>The file to read; null for standard input.</summary>
    public string? Path { get; init; }

    /// <summary>True when every line is a message.</summary>
    public bool IsLines { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>As given; null leaves it to a header, and to what the message is.</summary>
    public string? ContentType { get; init; }

    public string? PartitionKey { get; init; }

    /// <summary>How often the one message is published.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Messages a second at most; null for as fast as it goes.</summary>
    public long? Rate { get; init; }

    /// <summary>True when the message has places that are filled in.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>What the given text or file stands for; null for just what it is.</summary>
    public string? Format { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    public TimeSpan? Delay { get; init; }

    public bool IsConfirmed { get; init; } = true;

    public int InFlight { get; init; } = DefaultInFlight;

    /// <summary>Lines at the start that are not published.</summary>
    public long Skip { get; init; }

    public string? ConfirmedLogPath { get; init; }

    /// <summary>True when standard input is read.</summary>
    public bool ReadsStandardInput => Text is null && Path is null;

    public MessageProperties CreateProperties()
    {
        var headers = new MessageHeaders();
        foreach ((string key, string value) in Headers) headers[key] = value;
        bool namesContentType = Headers.Any(static header => header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase));
        return new MessageProperties
        {
            Headers = Headers.Count == 0 ? null : headers,
            ContentType = ContentType ?? (namesContentType ? null : PayloadFormat.ContentTypeOf(Format ?? (Text is null ? PayloadFormat.Raw : PayloadFormat.Text))),
            PartitionKey = PartitionKey,
            TimeToLive = TimeToLive,
            Delay = Delay,
        };
    }
}
