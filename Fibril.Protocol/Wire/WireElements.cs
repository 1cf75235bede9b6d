namespace Fibril.Protocol;

/// <summary>A composite that messages hold in lists or options.</summary>
internal interface IWireElement<TSelf> where TSelf : IWireElement<TSelf>
{
    /// <summary>Encoded size of the smallest possible element, in bytes: counts are checked by it before anything is allocated.</summary>
    static abstract int SmallestBytes { get; }

    /// <summary>Encoded size, in bytes.</summary>
    int Measure();

    /// <summary>Writes exactly <see cref="Measure"/> bytes.</summary>
    void Write(ref WireWriter writer);

    /// <summary>Reads one element; meaningless after a fault.</summary>
    static abstract TSelf Read(scoped ref WireReader reader);
}

/// <summary>Lists and options of composites, and lists of numbers and texts. Lists are read into arrays of the exact size.</summary>
internal static class WireElements
{
    private const int CountBytes = 4;
    private const int NumberBytes = 4;
    private const int LongNumberBytes = 8;
    private const int SmallestTextBytes = 4;

    internal static int MeasureList<T>(IReadOnlyList<T> items) where T : IWireElement<T>
    {
        int size = CountBytes;
        for (int i = 0; i < items.Count; i++) size += items[i].Measure();
        return size;
    }

    internal static void WriteList<T>(ref WireWriter writer, IReadOnlyList<T> items) where T : IWireElement<T>
    {
        writer.WriteU32((uint)items.Count);
        for (int i = 0; i < items.Count; i++) items[i].Write(ref writer);
    }

    internal static T[] ReadList<T>(scoped ref WireReader reader) where T : IWireElement<T>
    {
        T[] items = NewArray<T>(reader.ReadCount(T.SmallestBytes));
        for (int i = 0; i < items.Length && !reader.Failed; i++) items[i] = T.Read(ref reader);
        return items;
    }

    internal static int MeasureOptional<T>(T? item) where T : class, IWireElement<T> => item is null ? 1 : 1 + item.Measure();

    internal static void WriteOptional<T>(ref WireWriter writer, T? item) where T : class, IWireElement<T>
    {
        writer.WriteBool(item is not null);
        item?.Write(ref writer);
    }

    internal static T? ReadOptional<T>(scoped ref WireReader reader) where T : class, IWireElement<T> =>
        reader.ReadOption() ? T.Read(ref reader) : null;

    internal static int MeasureNumbers(IReadOnlyList<uint> numbers) => CountBytes + (NumberBytes * numbers.Count);

    internal static void WriteNumbers(ref WireWriter writer, IReadOnlyList<uint> numbers)
    {
        writer.WriteU32((uint)numbers.Count);
        for (int i = 0; i < numbers.Count; i++) writer.WriteU32(numbers[i]);
    }

    internal static uint[] ReadNumbers(scoped ref WireReader reader)
    {
        uint[] numbers = NewArray<uint>(reader.ReadCount(NumberBytes));
        for (int i = 0; i < numbers.Length; i++) numbers[i] = reader.ReadU32();
        return numbers;
    }

    internal static int MeasureNumbers(IReadOnlyList<ulong> numbers) => checked(CountBytes + (LongNumberBytes * numbers.Count));

    internal static void WriteNumbers(ref WireWriter writer, IReadOnlyList<ulong> numbers)
    {
        writer.WriteU32((uint)numbers.Count);
        for (int i = 0; i < numbers.Count; i++) writer.WriteU64(numbers[i]);
    }

    internal static ulong[] ReadLongNumbers(scoped ref WireReader reader)
    {
        ulong[] numbers = NewArray<ulong>(reader.ReadCount(LongNumberBytes));
        for (int i = 0; i < numbers.Length; i++) numbers[i] = reader.ReadU64();
        return numbers;
    }

    internal static int MeasureTexts(IReadOnlyList<string> texts)
    {
        int size = CountBytes;
        for (int i = 0; i < texts.Count; i++) size += WireWriter.Measure(texts[i]);
        return size;
    }

    internal static void WriteTexts(ref WireWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteU32((uint)texts.Count);
        for (int i = 0; i < texts.Count; i++) writer.WriteString(texts[i]);
    }

    internal static string[] ReadTexts(scoped ref WireReader reader)
    {
        string[] texts = NewArray<string>(reader.ReadCount(SmallestTextBytes));
        for (int i = 0; i < texts.Length && !reader.Failed; i++) texts[i] = reader.ReadString();
        return texts;
    }

    private static T[] NewArray<T>(int length) => length == 0 ? [] : new T[length];
}
