namespace Fibril.Dashboard.Components.Pages.Topology;

/// <summary>Which rows of two lists make up a page, when the second follows the first.</summary>
/// <param name="FirstOffset">Where to begin in the first list.</param>
/// <param name="FirstCount">Rows of it.</param>
/// <param name="SecondOffset">Where to begin in the second.</param>
/// <param name="SecondCount">Rows of that.</param>
public readonly record struct ChannelSlice(int FirstOffset, int FirstCount, int SecondOffset, int SecondCount)
{
    /// <param name="firstTotal">Rows of the first list.</param>
    /// <param name="offset">Rows before the page.</param>
    /// <param name="pageSize">Rows of the page.</param>
    public static ChannelSlice Of(int firstTotal, int offset, int pageSize)
    {
        int first = Math.Clamp(firstTotal - offset, 0, pageSize);
        return new ChannelSlice(offset, first, Math.Max(0, offset - firstTotal), pageSize - first);
    }
}
