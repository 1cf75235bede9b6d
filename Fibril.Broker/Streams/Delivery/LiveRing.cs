using Fibril.Broker.Channels;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Streams.Delivery;

/// <summary>The newest records of a partition in memory, without a gap up to its end: what subscriptions that keep up are served from.</summary>
/// <remarks>Belongs to the partition loop. Bounded by <see cref="Trim"/>, which spares what can be read from nowhere else.</remarks>
internal sealed class LiveRing(DeliverTemplate template, TailCacheBudget budget, long mostBytes)
{
    private readonly List<Entry> _images = [];
    private long _bytes;

    public bool IsEmpty => _images.Count == 0;

    /// <summary>Offset of the first record held; <see cref="long.MaxValue"/> when there is none.</summary>
    public long StartOffset => IsEmpty ? long.MaxValue : _images[0].Image.FirstOffset;

    /// <summary>Offset behind the last record held; -1 when there is none.</summary>
    public long EndOffset => IsEmpty ? -1 : _images[^1].Image.EndOffset;

    /// <summary>The image with <paramref name="offset"/>; null when it is not held.</summary>
    public DeliveryImage? Find(long offset)
    {
        // Mostly the newest is asked for, and there are few.
        for (int i = _images.Count - 1; i >= 0; i--)
        {
            DeliveryImage image = _images[i].Image;
            if (offset >= image.EndOffset) return null;
            if (offset >= image.FirstOffset) return image;
        }

        return null;
    }

    /// <summary>Adds the newest records; what does not go on where the ring ends replaces it.</summary>
    public void Add(RecordBlock block)
    {
        if (!IsEmpty && EndOffset != block.FirstOffset) Clear();
        if (!IsEmpty && _images[^1].Image.TryAdd(block, start: 0)) return;

        var image = DeliveryImage.Rent(template, block, start: 0);
        image.TryAdd(block, start: 0);
        int held = image.HeldBytes;
        _images.Add(new Entry(image, held, budget.TryTake(held)));
        _bytes += held;
    }

    /// <summary>Gives up the images before <paramref name="offset"/>, where all who are served from here have been.</summary>
    public void ReleaseBefore(long offset)
    {
        int count = 0;
        while (count < _images.Count && _images[count].Image.EndOffset <= offset) Release(_images[count++]);
        _images.RemoveRange(0, count);
    }

    /// <summary>Gives up the oldest images beyond the bound of the partition or of the broker, as far as the log can be read instead.</summary>
    public void Trim(long readableEnd)
    {
        int count = 0;
        while (count < _images.Count && (_bytes > mostBytes || !_images[count].IsBudgeted) && _images[count].Image.EndOffset <= readableEnd)
            Release(_images[count++]);
        _images.RemoveRange(0, count);
    }

    public void Clear() => ReleaseBefore(long.MaxValue);

    private void Release(Entry entry)
    {
        _bytes -= entry.HeldBytes;
        if (entry.IsBudgeted) budget.Return(entry.HeldBytes);
        entry.Image.Return();
    }

    private readonly record struct Entry(DeliveryImage Image, int HeldBytes, bool IsBudgeted);
}
