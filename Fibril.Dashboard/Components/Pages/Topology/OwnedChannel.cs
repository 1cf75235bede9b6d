using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Topology;

/// <summary>A queue or a stream that this broker owns (U-19).</summary>
public sealed record OwnedChannel(string Kind, string Topic, string? Group, int Partitions, int Loaded, string Href)
{
    public string Key => $"{Kind} {Topic}@{Group}";

    public static OwnedChannel Of(QueueRow queue) => new("queue", queue.Topic, queue.Group, queue.PartitionCount, queue.LoadedPartitions, Link.Queue(queue.Topic, queue.Group));

    public static OwnedChannel Of(StreamRow stream) => new("stream", stream.Topic, null, stream.PartitionCount, stream.LoadedPartitions, Link.Stream(stream.Topic));
}
