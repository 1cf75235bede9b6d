using System.Globalization;

namespace Fibril.Broker.Log.Segments;

/// <summary>File names of a partition's logs: <c>messages-00000000000000000042.log</c> and its <c>.idx</c>.</summary>
internal static class SegmentNames
{
    private const string LogExtension = ".log";
    private const string IndexExtension = ".idx";

    public static string Log(LogKind kind, long baseOffset) => Stem(kind) + Digits(baseOffset) + LogExtension;

    public static string IndexOf(string logPath) => System.IO.Path.ChangeExtension(logPath, IndexExtension);

    /// <summary>Reads the base offset out of a segment's file name.</summary>
    public static bool TryParse(LogKind kind, string fileName, out long baseOffset) =>
        TryParse(kind, fileName, LogExtension, out baseOffset);

    /// <summary>Reads the base offset out of an index's file name.</summary>
    public static bool TryParseIndex(LogKind kind, string fileName, out long baseOffset) =>
        TryParse(kind, fileName, IndexExtension, out baseOffset);

    private static bool TryParse(LogKind kind, string fileName, string extension, out long baseOffset)
    {
        baseOffset = 0;
        string stem = Stem(kind);
        return fileName.StartsWith(stem, StringComparison.Ordinal)
            && fileName.EndsWith(extension, StringComparison.Ordinal)
            && fileName.Length > stem.Length + extension.Length
            && long.TryParse(
                fileName.AsSpan(stem.Length, fileName.Length - stem.Length - extension.Length),
                NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }

    private static string Stem(LogKind kind) => kind switch
    {
        LogKind.Messages => "messages-",
        LogKind.Events => "events-",
        LogKind.Catalogue => "channels-",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static string Digits(long offset) => offset.ToString("D20", CultureInfo.InvariantCulture);
}
