using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>Parts of the log that were read for subscriptions which are behind, the most recently read last. Belongs to the partition loop.</summary>
internal sealed class CatchUpImages(DeliverTemplate template)
{
    // Readers that are about equally far share one; a few that are far apart do not take turns at throwing each other's away.
    private const int MostImages = 4;

    private readonly List<DeliveryImage> _images = [];

    public bool IsEmpty => _images.Count == 0;

    public DeliveryImage? Find(long offset)
    {
        foreach (DeliveryImage image in _images)
        {
            if (offset >= image.FirstOffset && offset < image.EndOffset) return image;
        }

        return null;
    }

    /// <summary>Takes over a block that was read.</summary>
    public void Add(RecordBlock block)
    {
        var image = DeliveryImage.Rent(template, block, start: 0);
        image.TryAdd(block, start: 0);
        block.Dispose();
        if (_images.Count == MostImages) RemoveAt(0);
        _images.Add(image);
    }

    /// <summary>Gives up the images that no subscription stands in.</summary>
    public void Keep(IReadOnlyList<StreamSubscription> subscriptions)
    {
        for (int i = _images.Count - 1; i >= 0; i--)
        {
            if (!IsNeeded(_images[i], subscriptions)) RemoveAt(i);
        }
    }

    public void Clear()
    {
        foreach (DeliveryImage image in _images) image.Return();
        _images.Clear();
    }

    private static bool IsNeeded(DeliveryImage image, IReadOnlyList<StreamSubscription> subscriptions)
    {
        for (int i = 0; i < subscriptions.Count; i++)
        {
            long next = subscriptions[i].Next;
            if (next >= image.FirstOffset && next < image.EndOffset) return true;
        }

        return false;
    }

    private void RemoveAt(int index)
    {
        _images[index].Return();
        _images.RemoveAt(index);
    }
}
