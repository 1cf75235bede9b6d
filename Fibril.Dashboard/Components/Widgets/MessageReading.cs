using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>Reads single messages.</summary>
public static class MessageReading
{
    /// <summary>A message with the start of its payload.</summary>
    /// <returns>Null when it is not stored any more.</returns>
    /// <exception cref="AdminApiException">The broker refuses, or cannot be reached.</exception>
    public static async Task<MessageItem?> FindAsync(AdminApi api, MessagePlace place, int payloadBytes, CancellationToken cancellationToken = default)
    {
        string path = Link.To(
            "admin/api/messages", ("topic", place.Topic), ("group", place.Group), ("partition", place.Partition), ("from", place.Offset), ("limit", 1), ("include_settled", true),
            ("include_payload", payloadBytes > 0), ("payload_limit_bytes", payloadBytes > 0 ? payloadBytes : null));
        return (await api.GetAsync<MessagePage>(path, cancellationToken)).Items.FirstOrDefault(item => item.State.Offset == place.Offset);
    }
}
