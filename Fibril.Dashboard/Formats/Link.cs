using System.Globalization;
using System.Text;

namespace Fibril.Dashboard.Formats;

/// <summary>Addresses of pages, relative to the base of their broker, so that every view can be shared.</summary>
public static class Link
{
    public const string Overview = "";
    public const string Queues = "admin/queues";
    public const string Streams = "admin/streams";
    public const string MessagesPage = "admin/messages";
    public const string DeadLettersPage = "admin/dlq";
    public const string Connections = "admin/connections";
    public const string Subscriptions = "admin/subscriptions";
    public const string Activity = "admin/activity";
    public const string Topology = "admin/topology";
    public const string Diagnostics = "admin/diagnostics";
    public const string Security = "admin/security";
    public const string Settings = "admin/settings";
    public const string Quarantine = "admin/quarantine";

    public static string Queue(string topic, string? group) => To("admin/queue", ("topic", topic), ("group", group));

    public static string Stream(string topic) => To("admin/stream", ("topic", topic));

    /// <summary>Records of a stream, from an offset on.</summary>
    public static string StreamRecords(string topic, int partition, long from) => To("admin/stream", ("topic", topic), ("partition", partition), ("from", from));

    public static string Messages(string topic, string? group, int? partition = null, long? from = null) =>
        To(MessagesPage, ("topic", topic), ("group", group), ("partition", partition), ("from", from));

    /// <summary>The life of one message.</summary>
    public static string Message(string topic, string? group, int partition, long offset) =>
        To("admin/message", ("topic", topic), ("group", group), ("partition", partition), ("offset", offset));

    /// <summary>Messages of a queue by what is in them, as far as it is said already.</summary>
    public static string FindMessages(string topic, string? group) => To(MessagesPage, ("topic", topic), ("group", group), ("find", true));

    public static string DeadLetters(string topic, string? group) => To(DeadLettersPage, ("topic", topic), ("group", group));

    public static string Consumer(string id) => To("admin/consumer", ("id", id));

    /// <summary>A path with those of the parameters that have a value.</summary>
    public static string To(string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var text = new StringBuilder(path);
        char separator = '?';
        foreach ((string name, object? value) in parameters)
        {
            string? written = value switch
            {
                null or "" or false => null,
                true => "true",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture),
            };
            if (string.IsNullOrEmpty(written)) continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(written));
            separator = '&';
        }

        return text.ToString();
    }
}
